"""Who sells in the demo: a company in each market, with numbers that nobody can have."""

from __future__ import annotations

from typing import Final

from app.settings import Seller, Settings

SELLERS: Final = """
AT Forecourt GmbH|Am Hauptbahnhof 1, 1100 Wien, Austria|FN 000000 a|ATU00000000
BE Forecourt BV|Fonsnylaan 47, 1060 Brussel, Belgium|0000.000.000|BE0000000000
BG Forecourt EOOD|1 Brussels Blvd, 1540 Sofia, Bulgaria|000000000|BG000000000
CH Forecourt AG|Hardturmstrasse 11, 8005 Zürich, Switzerland|CHE-000.000.000|CHE-000.000.000 MWST
CZ Forecourt s.r.o.|Aviatická 1, 161 00 Praha, Czechia|00000000|CZ00000000
DE Forecourt GmbH|Europaplatz 1, 10557 Berlin, Germany|HRB 000000|DE000000000
DK Forecourt ApS|Vesterbrogade 10, 1620 København, Denmark|00000000|DK00000000
EE Forecourt OÜ|Liivalaia 45, 10145 Tallinn, Estonia|00000000|EE000000000
ES Forecourt S.L.|Avenida de América 1, 28002 Madrid, Spain|B00000000|ESB00000000
FI Forecourt Oy|Kaivokatu 1, 00100 Helsinki, Finland|0000000-0|FI00000000
FR Forecourt SARL|Place Louis-Armand, 75012 Paris, France|000 000 000|FR00000000000
GB Forecourt Ltd|Semley Place 12, London SW1W 9QL, United Kingdom|00000000|GB000000000
GR Forecourt EPE|Leoforos Syngrou 1, 117 42 Athens, Greece|000000000000|EL000000000
HR Forecourt d.o.o.|Savska cesta 1, 10000 Zagreb, Croatia|00000000|HR00000000000
HU Forecourt Kft.|Váci út 1, 1062 Budapest, Hungary|00-00-000000|HU00000000
IE Forecourt Ltd|Alexandra Road, Dublin D01 H4C6, Ireland|000000|IE0000000AA
IT Forecourt S.r.l.|Via Giolitti 1, 00185 Roma, Italy|RM-0000000|IT00000000000
LT Forecourt UAB|Geležinkelio g. 16, LT-02100 Vilnius, Lithuania|000000000|LT000000000
LV Forecourt SIA|Krasta iela 68, LV-1019 Riga, Latvia|00000000000|LV00000000000
MX Forecourt S.A. de C.V.|Paseo de la Reforma 1, 06600 Ciudad de México, Mexico|00000000|XAXX010101000
NL Forecourt B.V.|Stationsplein 10, 1012 AB Amsterdam, Netherlands|00000000|NL000000000B00
NO Forecourt AS|Jernbanetorget 1, 0154 Oslo, Norway|000 000 000|NO 000 000 000 MVA
PL Forecourt Sp. z o.o.|Al. Jerozolimskie 54, 00-024 Warszawa, Poland|KRS 0000000000|PL0000000000
PT Forecourt Lda.|Avenida da Liberdade 1, 1250-001 Lisboa, Portugal|000000000|PT000000000
RO Forecourt S.R.L.|Calea Victoriei 1, 010061 București, Romania|J00/0000/0000|RO0000000000
SE Forecourt AB|Vasagatan 1, 111 20 Stockholm, Sweden|000000-0000|SE000000000000
SI Forecourt d.o.o.|Slovenska cesta 1, 1000 Ljubljana, Slovenia|0000000000|SI00000000
SK Forecourt s.r.o.|Mlynské nivy 1, 821 09 Bratislava, Slovakia|00000000|SK0000000000
"""
"""Market and name, address, number in the register of companies, VAT number."""


def with_demo_sellers(settings: Settings) -> Settings:
    """Return the settings with a company for each market, unless it is no demo or they name some."""
    if not settings.demo or settings.sellers:
        return settings
    return settings.model_copy(update={"sellers": tuple(_seller(line) for line in SELLERS.strip().splitlines())})


def _seller(line: str) -> Seller:
    head, address, registration, vat = line.split("|")
    market, _, name = head.partition(" ")
    street, _, rest = address.partition(", ")
    town, _, country = rest.rpartition(", ")
    return Seller(
        market=market, name=name, address=(street, town, country), registration_number=registration, vat_number=vat
    )
