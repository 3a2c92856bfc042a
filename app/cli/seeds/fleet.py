"""Which models a European rental fleet has, with class, engine and price."""

from __future__ import annotations

from typing import Final

FLEET: Final = """
Škoda|Fabia|E|D|MA|V|59-81|5|2|34|24
Škoda|Scala|C|D|MA|V|70-110|5|3|41|10
Škoda|Octavia|I|D|MA|VDI|81-110|5|4|52|16
Škoda|Octavia Combi|I|W|MA|DVI|85-110|5|4|56|30
Škoda|Superb Combi|S|W|A|DI|110-147|5|4|74|9
Škoda|Kamiq|C|F|MA|V|70-110|5|3|48|12
Škoda|Karoq|I|F|MA|DV|85-110|5|3|58|9
Škoda|Kodiaq|S|F|AB|DI|110-147|7|4|79|8
Škoda|Enyaq|S|F|A|C|132-210|5|4|82|7
Volkswagen|up!|M|B|M|V|44-48|4|1|29|6
Volkswagen|Polo|E|D|MA|V|59-85|5|2|35|26
Volkswagen|Golf|C|D|MA|VDI|81-110|5|3|45|28
Volkswagen|Golf Variant|C|W|MA|DV|85-110|5|4|49|12
Volkswagen|T-Roc|I|F|MA|VD|81-110|5|3|57|12
Volkswagen|T-Roc Cabriolet|S|T|A|V|110|4|2|88|4
Volkswagen|Tiguan|S|F|AB|DI|110-147|5|4|75|10
Volkswagen|Passat Variant|S|W|A|DI|110-147|5|4|69|14
Volkswagen|ID.3|C|D|A|C|110-150|5|3|55|7
Volkswagen|ID.4|S|F|A|C|125-210|5|4|76|6
Volkswagen|Touran|I|M|MA|D|85-110|7|3|72|7
Volkswagen|Caravelle|F|V|MA|D|110-150|9|6|109|9
Volkswagen|Transporter|S|K|M|D|81-110|3|0|69|8
Volkswagen|Crafter|F|K|M|D|103-130|3|0|84|7
Renault|Clio|E|D|MA|VHD|67-105|5|2|35|26
Renault|Mégane Estate|C|W|MA|D|85-103|5|4|49|8
Renault|Captur|C|F|MA|VH|67-105|5|3|46|14
Renault|Austral|I|F|A|H|147|5|4|66|5
Renault|Zoe|E|D|A|E|80-100|5|2|42|6
Renault|Trafic|F|V|M|D|107-125|9|6|99|7
Renault|Master|F|K|M|D|99-132|3|0|82|6
Dacia|Sandero|E|D|M|VL|67-74|5|2|31|16
Dacia|Logan MCV|E|W|M|VL|66-74|5|4|36|5
Dacia|Duster|C|F|MN|DVL|84-110|5|3|44|14
Dacia|Jogger|I|M|M|VH|81-103|7|3|55|6
Peugeot|208|E|D|MA|VD|55-96|5|2|36|20
Peugeot|e-208|E|D|A|E|100-115|5|2|45|5
Peugeot|308 SW|C|W|MA|DV|81-96|5|4|51|9
Peugeot|2008|C|F|MA|VD|74-96|5|3|47|12
Peugeot|3008|I|F|MA|DI|96-133|5|3|63|8
Peugeot|5008|I|F|A|D|96-132|7|3|76|5
Peugeot|Rifter|I|M|M|D|75-96|5|4|57|4
Peugeot|Boxer|F|K|M|D|103-121|3|0|80|5
Citroën|C1|M|B|M|V|51-53|4|1|28|6
Citroën|C3|E|D|MA|V|61-81|5|2|33|18
Citroën|C3 Aircross|C|F|MA|V|81-96|5|3|45|8
Citroën|C4|C|D|MA|VD|74-96|5|3|43|9
Citroën|ë-C4|C|D|A|E|100-115|5|3|52|4
Citroën|C5 Aircross|I|F|A|DI|96-133|5|4|64|6
Citroën|Berlingo|I|M|MA|D|75-96|5|4|55|9
Citroën|Berlingo Van|C|K|M|D|56-96|3|0|49|6
Citroën|DS 3 Cabrio|C|T|M|VD|60-121|4|1|62|4|2013-2016
Citroën|C3 Pluriel Cabrio|E|T|M|V|54-80|4|1|48|2|2008-2010
Citroën|SpaceTourer|F|V|A|D|106-130|8|5|105|4
Opel|Corsa|E|D|MA|VD|55-96|5|2|34|22
Opel|Corsa-e|E|D|A|E|100-115|5|2|44|4
Opel|Astra|C|D|MA|VD|81-96|5|3|43|13
Opel|Astra Sports Tourer|C|W|MA|DV|81-96|5|4|48|13
Opel|Mokka|C|F|MA|V|74-96|5|3|47|7
Opel|Zafira Life|F|V|A|D|106-130|9|6|104|4
Opel|Vivaro|S|K|M|D|75-106|3|0|66|6
SEAT|Ibiza|E|D|M|V|59-81|5|2|34|18
SEAT|Leon|C|D|MA|VD|81-110|5|3|43|10
SEAT|Leon Sportstourer|C|W|MA|D|85-110|5|4|48|8
SEAT|Arona|C|F|MA|V|70-110|5|3|46|11
Cupra|Formentor|S|F|A|VI|110-228|5|3|78|4
Cupra|Born|I|D|A|C|150-170|5|3|64|4
Ford|Fiesta|E|D|M|V|55-92|5|2|34|16|2017-2023
Ford|Focus Estate|C|W|MA|DV|88-114|5|4|48|14
Ford|Puma|C|F|MA|V|92-114|5|3|47|11
Ford|Kuga|I|F|A|HI|110-165|5|4|66|9
Ford|Transit Custom|S|K|M|D|77-125|3|0|70|14
Ford|Tourneo Custom|F|V|MA|D|96-136|9|6|102|7
Fiat|500|M|B|M|VH|51-63|4|1|30|22
Fiat|500C Cabrio|M|T|M|VH|51-63|4|1|41|9
Fiat|500e|M|B|A|E|70-87|4|1|43|5
Fiat|Panda|M|D|M|VHL|51-62|5|1|29|20
Fiat|Tipo Station Wagon|C|W|M|D|70-96|5|4|44|7
Fiat|Ducato|F|K|M|D|88-132|3|0|79|6
Toyota|Aygo X|M|D|M|V|53|4|1|30|11
Toyota|Yaris|E|D|A|H|85-96|5|2|38|17
Toyota|Corolla|C|D|A|H|90-103|5|3|46|10
Toyota|Corolla Touring Sports|I|W|A|H|90-135|5|4|54|20
Toyota|Yaris Cross|C|F|A|H|85-96|5|3|50|9
Toyota|RAV4|S|F|AB|HI|160-225|5|4|73|10
Toyota|Proace Verso|F|V|A|D|106-130|9|6|106|4
Hyundai|i10|M|D|M|V|49-62|5|1|29|14
Hyundai|i20|E|D|MA|V|58-74|5|2|34|15
Hyundai|i30 Wagon|C|W|MA|DV|81-103|5|4|47|10
Kia|Picanto|M|D|MA|V|49-62|5|1|29|14
Kia|Ceed|C|D|MA|VD|74-103|5|3|42|12
Kia|Ceed Sportswagon|C|W|MA|D|85-100|5|4|47|10
Kia|XCeed|C|F|MA|VI|88-104|5|3|49|7
Kia|EV6|P|G|A|C|168-239|5|4|96|3
Volvo|V60|P|W|A|DI|110-145|5|4|86|11
Volvo|V90|L|W|A|DI|145-173|5|4|112|4
BMW|1 Series|C|D|MA|VD|85-125|5|3|59|9
BMW|X1|I|F|A|DV|100-150|5|3|76|9
BMW|3 Series Touring|P|W|AD|DI|110-140|5|4|92|9
BMW|4 Series Convertible|L|T|A|V|135-180|4|2|145|3
BMW|i4|L|D|A|C|210-250|5|4|124|3
Mercedes-Benz|A-Class|C|D|A|VD|80-120|5|3|62|9
Mercedes-Benz|C-Class Estate|P|W|A|DI|120-147|5|4|96|7
Mercedes-Benz|V-Class|F|V|A|D|120-174|8|6|139|6
Mercedes-Benz|Vito|S|K|M|D|75-120|3|0|74|6
Mercedes-Benz|Sprinter|F|K|MA|D|84-140|3|0|89|7
MINI|Cooper Cabrio|C|T|A|V|100-131|4|1|79|6
Mazda|MX-5|S|N|M|V|97-135|2|1|84|4
Tesla|Model 3|P|D|AD|C|208-324|5|4|94|11
Tesla|Model Y|P|F|AD|C|220-378|5|4|104|10
MG|MG4|C|D|A|EC|125-180|5|3|49|6
MG|ZS|C|F|M|V|78-82|5|3|42|5
Polestar|2|P|D|A|C|170-220|5|3|96|3
BYD|Atto 3|I|F|A|C|150|5|3|62|3
"""
"""Make, model, ACRISS category, type, gears and fuels (each letter is one way it comes), kW, seats, bags, euro a day,
share, and the years in which it was built where they are over."""

FROM_PACKAGE: Final = {
    "Alfa Romeo": "Giulia, Stelvio",
    "Audi": "A3, A4, A4 allroad, A5, A6, A7, A8, Q3, Q5, Q7, Q8, TT, e-tron",
    "BMW": "2 Series, 3 Series, 4 Series, 5 Series, 7 Series, X2, X3, X4, X5, Z4, i3",
    "FIAT": "124 Spider, 500L, 500X",
    "Ford": "EcoSport, Mustang",
    "Honda": "CR-V, Civic, HR-V",
    "Hyundai": "Ioniq Electric, Ioniq Hybrid, Kona, Kona Electric, Santa Fe, Tucson",
    "Jaguar": "E-PACE, F-PACE, I-PACE, XE, XF",
    "Jeep": "Compass, Renegade, Wrangler",
    "Kia": "Niro, Niro EV, Rio, Sorento, Soul EV, Sportage, Stinger",
    "Land Rover": "Discovery, Discovery Sport, Range Rover Evoque, Range Rover Sport, Range Rover Velar",
    "Lexus": "CT, ES, IS, NX, RX, UX",
    "MAZDA": "CX-3, CX-30, CX-5, MAZDA2, MAZDA3, MAZDA6",
    "MINI": "Clubman, Countryman, Hardtop 4 Door",
    "Mercedes-Benz": "B-Class, CLA, E-Class, GLA, GLC, GLE, S-Class, SLC",
    "Mitsubishi": "Eclipse Cross, Outlander, Outlander PHEV",
    "Nissan": "JUKE, LEAF, Pathfinder",
    "Porsche": "718 Boxster, 911, Cayenne, Macan, Panamera, Taycan",
    "Subaru": "BRZ, Forester, Impreza, Outback",
    "Suzuki": "Grand Vitara, SX4, Swift, Vitara",
    "Tesla": "Model S, Model X",
    "Toyota": "C-HR, Camry Hybrid, Land Cruiser, Prius",
    "Volkswagen": "Arteon, Passat, Touareg, e-Golf",
    "Volvo": "S60, S90, XC40, XC60, XC90",
    "smart": "fortwo, fortwo cabrio",
}
"""Models of faker-vehicle's North American list that are sold here as well, as it spells them."""

OUR_NAMES: Final = {
    "FIAT": "Fiat",
    "MAZDA": "Mazda",
    "MAZDA2": "2",
    "MAZDA3": "3",
    "MAZDA6": "6",
    "Hardtop 4 Door": "Cooper 5-door",
    "JUKE": "Juke",
    "LEAF": "Leaf",
    "fortwo": "Fortwo",
    "fortwo cabrio": "Fortwo Cabrio",
    "Camry Hybrid": "Camry",
}
PREMIUM: Final = frozenset(
    {"Alfa Romeo", "Audi", "BMW", "Jaguar", "Land Rover", "Lexus", "Mercedes-Benz", "Porsche", "Tesla", "Volvo"}
)
