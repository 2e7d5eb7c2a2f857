"""The regions of Kyrgyzstan (ISO 3166-2:KG), their districts and neighbours.

CLDR knows no names for them in Kyrgyz, Russian or German: these were written by hand.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class Names(NamedTuple):
    """One name in the four languages of the site."""

    ky: str
    ru: str
    en: str
    de: str

    def in_language(self, lang: str) -> str:
        """Return the name in *lang*, English where that is not one of the four."""
        return str(getattr(self, lang)) if lang in self._fields else self.en


class District(NamedTuple):
    """A district (район): its Kyrgyz, Russian and Latin name, without the word for district."""

    ky: str
    ru: str
    latin: str

    def in_language(self, lang: str) -> str:
        """Return the name in *lang*; English and German share the Latin spelling."""
        return {"ky": self.ky, "ru": self.ru}.get(lang, self.latin)


class Region(NamedTuple):
    """An oblast, or one of the two cities of that rank."""

    code: str
    name: Names
    short: Names
    districts: tuple[District, ...]
    neighbours: tuple[str, ...]


REGIONS: Final[dict[str, Region]] = {
    region.code: region
    for region in (
        Region(
            "KG-B",
            Names("Баткен облусу", "Баткенская область", "Batken Region", "Gebiet Batken"),
            Names("Баткен", "Баткен", "Batken", "Batken"),
            (
                District("Баткен", "Баткенский", "Batken"),
                District("Кадамжай", "Кадамжайский", "Kadamjay"),
                District("Лейлек", "Лейлекский", "Leylek"),
            ),
            ("KG-O",),
        ),
        Region(
            "KG-C",
            Names("Чүй облусу", "Чуйская область", "Chüy Region", "Gebiet Tschüi"),
            Names("Чүй", "Чуй", "Chüy", "Tschüi"),
            (
                District("Аламүдүн", "Аламудунский", "Alamüdün"),
                District("Жайыл", "Жайылский", "Jayyl"),
                District("Кемин", "Кеминский", "Kemin"),
                District("Москва", "Московский", "Moskva"),
                District("Панфилов", "Панфиловский", "Panfilov"),
                District("Сокулук", "Сокулукский", "Sokuluk"),
                District("Чүй", "Чуйский", "Chüy"),
                District("Ысык-Ата", "Ысык-Атинский", "Ysyk-Ata"),
            ),
            ("KG-GB", "KG-T", "KG-J", "KG-N", "KG-Y"),
        ),
        Region(
            "KG-GB",
            Names("Бишкек шаары", "город Бишкек", "Bishkek City", "Stadt Bischkek"),
            Names("Бишкек", "Бишкек", "Bishkek", "Bischkek"),
            (),
            ("KG-C",),
        ),
        Region(
            "KG-GO",
            Names("Ош шаары", "город Ош", "Osh City", "Stadt Osch"),
            Names("Ош шаары", "г. Ош", "Osh City", "Stadt Osch"),
            (),
            ("KG-O",),
        ),
        Region(
            "KG-J",
            Names(
                "Жалал-Абад облусу",
                "Джалал-Абадская область",
                "Jalal-Abad Region",
                "Gebiet Dschalal-Abad",
            ),
            Names("Жалал-Абад", "Джалал-Абад", "Jalal-Abad", "Dschalal-Abad"),
            (
                District("Аксы", "Аксыйский", "Aksy"),
                District("Ала-Бука", "Ала-Букинский", "Ala-Buka"),
                District("Базар-Коргон", "Базар-Коргонский", "Bazar-Korgon"),
                District("Ноокен", "Ноокенский", "Nooken"),
                District("Сузак", "Сузакский", "Suzak"),
                District("Тогуз-Торо", "Тогуз-Тороуский", "Toguz-Toro"),
                District("Токтогул", "Токтогульский", "Toktogul"),
                District("Чаткал", "Чаткальский", "Chatkal"),
            ),
            ("KG-T", "KG-C", "KG-N", "KG-O"),
        ),
        Region(
            "KG-N",
            Names("Нарын облусу", "Нарынская область", "Naryn Region", "Gebiet Naryn"),
            Names("Нарын", "Нарын", "Naryn", "Naryn"),
            (
                District("Ак-Талаа", "Ак-Талинский", "Ak-Talaa"),
                District("Ат-Башы", "Ат-Башинский", "At-Bashy"),
                District("Жумгал", "Джумгальский", "Jumgal"),
                District("Кочкор", "Кочкорский", "Kochkor"),
                District("Нарын", "Нарынский", "Naryn"),
            ),
            ("KG-Y", "KG-C", "KG-J", "KG-O"),
        ),
        Region(
            "KG-O",
            Names("Ош облусу", "Ошская область", "Osh Region", "Gebiet Osch"),
            Names("Ош", "Ош", "Osh", "Osch"),
            (
                District("Алай", "Алайский", "Alay"),
                District("Араван", "Араванский", "Aravan"),
                District("Кара-Кулжа", "Кара-Кульджинский", "Kara-Kulja"),
                District("Кара-Суу", "Кара-Сууский", "Kara-Suu"),
                District("Ноокат", "Ноокатский", "Nookat"),
                District("Өзгөн", "Узгенский", "Özgön"),
                District("Чоң-Алай", "Чон-Алайский", "Chong-Alay"),
            ),
            ("KG-GO", "KG-B", "KG-J", "KG-N"),
        ),
        Region(
            "KG-T",
            Names("Талас облусу", "Таласская область", "Talas Region", "Gebiet Talas"),
            Names("Талас", "Талас", "Talas", "Talas"),
            (
                District("Айтматов", "Айтматовский", "Aytmatov"),
                District("Бакай-Ата", "Бакай-Атинский", "Bakay-Ata"),
                District("Манас", "Манасский", "Manas"),
                District("Талас", "Таласский", "Talas"),
            ),
            ("KG-C", "KG-J"),
        ),
        Region(
            "KG-Y",
            Names(
                "Ысык-Көл облусу", "Иссык-Кульская область", "Ysyk-Köl Region", "Gebiet Yssykköl"
            ),
            Names("Ысык-Көл", "Иссык-Куль", "Ysyk-Köl", "Yssykköl"),
            (
                District("Ак-Суу", "Ак-Суйский", "Ak-Suu"),
                District("Жети-Өгүз", "Джети-Огузский", "Jeti-Ögüz"),
                District("Тоң", "Тонский", "Tong"),
                District("Түп", "Тюпский", "Tüp"),
                District("Ысык-Көл", "Иссык-Кульский", "Ysyk-Köl"),
            ),
            ("KG-C", "KG-N"),
        ),
    )
}


def region_name(code: str, lang: str) -> str:
    """Return the full name of a region; the code itself where it is unknown."""
    return REGIONS[code].name.in_language(lang) if code in REGIONS else code


def short_name(code: str, lang: str) -> str:
    """Return the name for maps and narrow columns, without the word for region."""
    return REGIONS[code].short.in_language(lang) if code in REGIONS else code


def neighbours(code: str) -> tuple[str, ...]:
    """Return the codes of the regions that border on *code*."""
    return REGIONS[code].neighbours
