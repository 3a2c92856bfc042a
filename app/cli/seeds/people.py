"""Names, streets and towns of the markets in which credit is given; made once, then drawn from."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from faker import Faker

from app.cli.seeds.models import Shares

NAMES_OF_EACH: Final = 160
POOL_SEED: Final = 20_260_101
MARKETS_OF_CREDIT: Final = Shares(
    [("EE", 24), ("LV", 12), ("LT", 11), ("FI", 10), ("SE", 8), ("DE", 9), ("PL", 8), ("CZ", 5), ("ES", 5), ("HR", 4),
     ("NO", 2), ("DK", 2)]
)  # fmt: skip
_LOCALES: Final = {
    "EE": "et_EE", "LV": "lv_LV", "LT": "lt_LT", "FI": "fi_FI", "SE": "sv_SE", "DE": "de_DE", "PL": "pl_PL",
    "CZ": "cs_CZ", "ES": "es_ES", "HR": "hr_HR", "NO": "no_NO", "DK": "da_DK",
}  # fmt: skip
_TOWNS: Final = {
    "EE": "Tallinn 1011#|Tallinn 1341#|Tallinn 1062#|Tartu 5100#|Tartu 5041#|Pärnu 8001#|Narva 2030#|"
    "Viljandi 7100#|Rakvere 4430#|Haapsalu 9050#",
    "LV": "Rīga LV-101#|Rīga LV-105#|Rīga LV-104#|Daugavpils LV-540#|Liepāja LV-340#|Jelgava LV-300#|"
    "Jūrmala LV-201#|Ventspils LV-360#",
    "LT": "Vilnius LT-0130#|Vilnius LT-0921#|Kaunas LT-4429#|Klaipėda LT-9224#|Šiauliai LT-7635#|Panevėžys LT-3517#",
    "FI": "Helsinki 0050#|Helsinki 0010#|Espoo 0210#|Tampere 3310#|Turku 2010#|Oulu 9010#|Jyväskylä 4010#|Lahti 1510#",
    "SE": "Stockholm 111 2#|Stockholm 118 4#|Göteborg 411 0#|Malmö 211 2#|Uppsala 753 1#|Västerås 722 1#|Örebro 702 1#",
    "DE": "Berlin 1011#|Hamburg 2009#|München 8033#|Köln 5066#|Leipzig 0410#|Dresden 0106#|Nürnberg 9040#|"
    "Bremen 2819#|Hannover 3015#",
    "PL": "Warszawa 00-95#|Kraków 31-00#|Gdańsk 80-83#|Wrocław 50-10#|Poznań 61-80#|Łódź 90-30#|Lublin 20-00#",
    "CZ": "Praha 110 0#|Brno 602 0#|Ostrava 702 0#|Plzeň 301 0#|Liberec 460 0#|Olomouc 779 0#",
    "ES": "Madrid 2801#|Barcelona 0800#|Valencia 4600#|Sevilla 4100#|Zaragoza 5000#|Málaga 2900#|Bilbao 4800#",
    "HR": "Zagreb 1000#|Split 2100#|Rijeka 5100#|Osijek 3100#|Zadar 2300#|Pula 5210#",
    "NO": "Oslo 015#|Bergen 500#|Trondheim 701#|Stavanger 400#",
    "DK": "København 215#|Aarhus 800#|Odense 500#|Aalborg 900#",
}
_STREETS: Final = {
    "EE": "Pärnu mnt|Narva mnt|Tartu mnt|Sõpruse pst|Mustamäe tee|Endla|Kadaka tee|Riia|Raatuse|Paldiski mnt|"
    "Vabaduse pst|Kreutzwaldi",
    "LV": "Brīvības iela|Krišjāņa Barona iela|Čaka iela|Maskavas iela|Lāčplēša iela|Dzirnavu iela|Rīgas iela|"
    "Pulkveža Brieža iela",
    "LT": "Gedimino pr.|Laisvės al.|Savanorių pr.|Kalvarijų g.|Ozo g.|Taikos pr.|Vytauto g.|Ukmergės g.",
    "FI": "Mannerheimintie|Hämeentie|Kauppakatu|Aleksanterinkatu|Rautatienkatu|Puistokatu|Satamakatu|Koulukatu",
    "SE": "Storgatan|Kungsgatan|Drottninggatan|Sveavägen|Götgatan|Skolgatan|Järnvägsgatan|Vasagatan",
    "DE": "Hauptstraße|Bahnhofstraße|Goethestraße|Schillerstraße|Lindenallee|Gartenstraße|Bergstraße|"
    "Friedrichstraße|Kastanienweg",
    "PL": "ul. Długa|ul. Mickiewicza|ul. Polna|ul. Kościuszki|ul. Słowackiego|ul. Lipowa|al. Jana Pawła II|"
    "ul. Ogrodowa",
    "CZ": "Husova|Nádražní|Masarykova|Palackého|Komenského|Jiráskova|Na Příkopě|Vinohradská",
    "ES": "Calle Mayor|Calle de Alcalá|Gran Vía|Avenida de la Constitución|Calle Real|Calle San Juan|Paseo del Prado",
    "HR": "Ilica|Vukovarska ulica|Savska cesta|Ulica kralja Tomislava|Maksimirska cesta|Zagrebačka ulica|"
    "Obala kneza Domagoja",
    "NO": "Storgata|Kirkegata|Karl Johans gate|Bogstadveien|Strandgata",
    "DK": "Nørrebrogade|Vesterbrogade|Algade|Østergade|Søndergade|Strandvejen",
}
_COMPANY_FORMS: Final = {
    "EE": "OÜ", "LV": "SIA", "LT": "UAB", "FI": "Oy", "SE": "AB", "DE": "GmbH", "PL": "Sp. z o.o.", "CZ": "s.r.o.",
    "ES": "S.L.", "HR": "d.o.o.", "NO": "AS", "DK": "ApS",
}  # fmt: skip
_FORM_FIRST: Final = frozenset({"LV", "LT"})
_TRADES: Final = (
    "Logistics", "Trade", "Build", "Timber", "Foods", "Systems", "Service", "Transport", "Textile", "Energy", "Metal",
    "Marine", "Media", "Print", "Design",
)  # fmt: skip
_PLAIN_LETTERS: Final = str.maketrans("øØæÆåÅłŁđĐßéÉ", "oOaAaAlLdDseE")


@dataclass(frozen=True, slots=True)
class Names:
    """Given and family names of one market, by sex."""

    given: tuple[tuple[str, ...], tuple[str, ...]]
    family: tuple[tuple[str, ...], tuple[str, ...]]
    towns: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]


@cache
def names_of(market: str) -> Names:
    """The pools of a market; men first, women second."""
    faker = Faker(_LOCALES[market])
    faker.seed_instance(POOL_SEED)
    men = [faker.first_name_male() for _ in range(NAMES_OF_EACH)]
    women = [faker.first_name_female() for _ in range(NAMES_OF_EACH)]
    families = [faker.last_name_male() for _ in range(NAMES_OF_EACH)]
    wives = [faker.last_name_female() for _ in range(NAMES_OF_EACH)]
    if market == "LT":
        families = [name for name in families if name.endswith("s")]
        wives = [_lithuanian_wife(name) for name in families]
    places = [place.rpartition(" ") for place in _TOWNS[market].split("|")]
    if market in {"SE", "CZ"}:
        towns = tuple((place[: place.index(" ")], place[place.index(" ") + 1 :]) for place in _TOWNS[market].split("|"))
    else:
        towns = tuple((town, code) for town, _, code in places)
    return Names(
        (tuple(dict.fromkeys(men)), tuple(dict.fromkeys(women))),
        (tuple(dict.fromkeys(families)), tuple(dict.fromkeys(wives))),
        towns,
        tuple(_STREETS[market].split("|")),
    )


def company_name(market: str, family_name: str, number: float) -> str:
    """A company as it is registered in the market."""
    name, form = f"{family_name} {_TRADES[int(number * len(_TRADES))]}", _COMPANY_FORMS[market]
    return f"{form} {name}" if market in _FORM_FIRST else f"{name} {form}"


@cache
def plain(text: str) -> str:
    """Small letters for an e-mail address."""
    folded = unicodedata.normalize("NFKD", text.translate(_PLAIN_LETTERS).lower())
    return "".join(mark for mark in folded if mark.isascii() and mark.isalnum())


def _lithuanian_wife(name: str) -> str:
    for ending in ("ius", "us", "as", "is", "ys"):
        if name.endswith(ending):
            return name.removesuffix(ending) + "ienė"
    return name
