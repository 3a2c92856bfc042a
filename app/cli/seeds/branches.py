"""Which branches there are: airports by their IATA codes, and what stands in their cities."""

from __future__ import annotations

from typing import Final

AIRPORTS: Final = """
EE TLL Tallinn 9|TAY Tartu 4|URE Kuressaare 1
LV RIX Riga 8|LPX Liepāja 1
LT VNO Vilnius 6|KUN Kaunas 3|PLQ Palanga 1
FI HEL Helsinki 6|TMP Tampere 2|TKU Turku 2|OUL Oulu 1|RVN Rovaniemi 2
SE ARN Stockholm 5|GOT Göteborg 3|MMX Malmö 2
NO OSL Oslo 4|BGO Bergen 2|TRD Trondheim 1
DK CPH Copenhagen 4|BLL Billund 2|AAL Aalborg 1
PL WAW Warsaw 5|KRK Kraków 4|GDN Gdańsk 3|WRO Wrocław 2
DE BER Berlin 5|FRA Frankfurt 6|MUC Munich 6|HAM Hamburg 4|CGN Cologne 3|DUS Düsseldorf 3
AT VIE Vienna 4|SZG Salzburg 2|INN Innsbruck 1
CH ZRH Zürich 4|GVA Geneva 3
BE BRU Brussels 3|CRL Charleroi 1
NL AMS Amsterdam 4|EIN Eindhoven 1
FR CDG Paris 5|NCE Nice 4|LYS Lyon 3|MRS Marseille 2|BOD Bordeaux 2
GB LHR London 5|MAN Manchester 3|EDI Edinburgh 3
IE DUB Dublin 4|SNN Shannon 1
ES MAD Madrid 4|BCN Barcelona 5|PMI Palma 6|AGP Málaga 5|ALC Alicante 3
PT LIS Lisbon 4|OPO Porto 2|FAO Faro 4
IT FCO Rome 4|MXP Milan 4|CTA Catania 3|VCE Venice 2
HR ZAG Zagreb 6|SPU Split 5|DBV Dubrovnik 4|ZAD Zadar 2
SI LJU Ljubljana 3
HU BUD Budapest 4
CZ PRG Prague 5|BRQ Brno 2
SK BTS Bratislava 2|KSC Košice 1
RO OTP Bucharest 4|CLJ Cluj-Napoca 2
BG SOF Sofia 3|VAR Varna 1
GR ATH Athens 4|HER Heraklion 4|RHO Rhodes 2
MX MEX Mexico City 3|CUN Cancún 4
"""
"""Market, then IATA code, city and relative size of each airport."""

IN_TOWN: Final = """
TLL-P port Tallinn Harbour|Sadama 25, 10111 Tallinn|59.443|24.762|6
TLL-C city Tallinn City|Liivalaia 45, 10145 Tallinn|59.429|24.759|4
TAY-C city Tartu City|Turu 2, 51004 Tartu|58.378|26.732|3
EPU city Pärnu|Ringi 3, 80010 Pärnu|58.384|24.504|2
RIX-C city Riga City|Krasta iela 68, LV-1019 Riga|56.926|24.151|4
RIX-P port Riga Passenger Port|Eksporta iela 3A, LV-1010 Riga|56.957|24.093|1
VNO-R rail Vilnius Railway Station|Geležinkelio g. 16, LT-02100 Vilnius|54.670|25.284|2
KUN-C city Kaunas City|Savanorių pr. 190, LT-44151 Kaunas|54.907|23.937|1
HEL-P port Helsinki West Harbour|Tyynenmerenkatu 14, 00220 Helsinki|60.150|24.916|3
HEL-R rail Helsinki Central Station|Kaivokatu 1, 00100 Helsinki|60.172|24.941|2
ARN-R rail Stockholm Central|Vasagatan 1, 111 20 Stockholm|59.330|18.058|3
GOT-C city Göteborg City|Odinsgatan 11, 411 03 Göteborg|57.710|11.982|1
OSL-R rail Oslo Central Station|Jernbanetorget 1, 0154 Oslo|59.911|10.753|2
CPH-C city Copenhagen City|Vesterbrogade 10, 1620 København|55.673|12.563|2
WAW-R rail Warsaw Central|Al. Jerozolimskie 54, 00-024 Warszawa|52.229|21.003|3
KRK-H hotel Kraków Old Town|ul. Pawia 15, 31-154 Kraków|50.066|19.947|2
BER-R rail Berlin Hauptbahnhof|Europaplatz 1, 10557 Berlin|52.525|13.369|4
FRA-R rail Frankfurt Hauptbahnhof|Am Hauptbahnhof 1, 60329 Frankfurt am Main|50.107|8.664|3
MUC-R rail Munich Hauptbahnhof|Arnulfstraße 1, 80335 München|48.141|11.558|3
HAM-C city Hamburg Altona|Max-Brauer-Allee 36, 22765 Hamburg|53.552|9.936|2
VIE-R rail Vienna Hauptbahnhof|Am Hauptbahnhof 1, 1100 Wien|48.185|16.378|2
ZRH-C city Zürich West|Hardturmstrasse 11, 8005 Zürich|47.391|8.517|1
BRU-R rail Brussels South|Fonsnylaan 47, 1060 Brussel|50.836|4.336|1
AMS-R rail Amsterdam Centraal|Stationsplein 10, 1012 AB Amsterdam|52.379|4.900|2
CDG-R rail Paris Gare de Lyon|Place Louis-Armand, 75012 Paris|48.844|2.374|3
NCE-R rail Nice Gare|Avenue Thiers 12, 06000 Nice|43.704|7.262|1
LHR-C city London Victoria|Semley Place 12, London SW1W 9QL|51.493|-0.149|2
DUB-P port Dublin Port|Alexandra Road, Dublin D01 H4C6|53.348|-6.208|1
MAD-R rail Madrid Atocha|Glorieta del Emperador Carlos V, 28045 Madrid|40.407|-3.689|2
BCN-R rail Barcelona Sants|Plaça dels Països Catalans, 08014 Barcelona|41.379|2.140|2
PMI-H hotel Playa de Palma|Carrer de Trasime 5, 07600 Palma|39.520|2.741|2
LIS-C city Lisbon Oriente|Avenida Dom João II, 1990-233 Lisboa|38.768|-9.099|1
FCO-R rail Rome Termini|Via Marsala 29, 00185 Roma|41.901|12.501|2
MXP-R rail Milan Centrale|Piazza Duca d'Aosta 1, 20124 Milano|45.486|9.204|2
ZAG-C city Zagreb City|Kneza Branimira 29, 10000 Zagreb|45.805|15.986|3
SPU-P port Split Ferry Port|Gat Svetog Duje 1, 21000 Split|43.504|16.443|3
DBV-P port Dubrovnik Gruž|Obala Ivana Pavla II 1, 20000 Dubrovnik|42.661|18.086|2
BUD-C city Budapest City|Váci út 20, 1132 Budapest|47.516|19.057|1
PRG-R rail Prague Main Station|Wilsonova 8, 120 00 Praha|50.083|14.435|2
BTS-R rail Bratislava Main Station|Námestie Franza Liszta 1, 811 04 Bratislava|48.159|17.106|1
ATH-P port Piraeus|Akti Miaouli 7, 185 35 Piraeus|37.943|23.645|2
OTP-C city Bucharest City|Bulevardul Magheru 1, 010322 București|44.441|26.098|1
LJU-C city Ljubljana City|Slovenska cesta 54, 1000 Ljubljana|46.056|14.505|1
"""
"""Code, kind, name, address, latitude, longitude and relative size; the first three letters name an airport's city."""
