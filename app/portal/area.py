"""The portal: where a day begins."""

from app.core.area import Area, NavItem
from app.core.permissions import SIGNED_IN
from app.portal.apis.api import DescriptionApi
from app.portal.changes.api import ChangesApi
from app.portal.home.routes import HomeController
from app.portal.live.api import LiveApi
from app.portal.live.routes import LiveController
from app.portal.patterns.routes import PatternController

AREA = Area(
    name="portal",
    title="Portal",
    controllers=(HomeController, ChangesApi, LiveController, LiveApi, DescriptionApi, PatternController),
    nav=(NavItem("Home", "/", SIGNED_IN, "", "home", "g h"),),
)
