"""The portal: where a day begins."""

from app.core.area import Area, NavItem
from app.core.permissions import SIGNED_IN
from app.portal.home.routes import HomeController

AREA = Area(
    name="portal",
    title="Portal",
    controllers=(HomeController,),
    nav=(NavItem("Home", "/", SIGNED_IN, "", "home", "g h"),),
)
