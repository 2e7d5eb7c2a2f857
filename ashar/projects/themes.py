"""What projects are about: themes with their icons, and the SDG targets they may name."""

from __future__ import annotations

from typing import Final, NamedTuple

from ashar.projects.regions import Names


class Theme(NamedTuple):
    """A theme; *icon* is an id in ``static/icons.svg``."""

    code: str
    name: Names
    icon: str


THEMES: Final[dict[str, Theme]] = {
    theme.code: theme
    for theme in (
        Theme("tourism", Names("Туризм", "Туризм", "Tourism", "Tourismus"), "yurt"),
        Theme(
            "agriculture",
            Names("Айыл чарба", "Сельское хозяйство", "Farming", "Landwirtschaft"),
            "sprout",
        ),
        Theme("water", Names("Суу", "Вода", "Water", "Wasser"), "drop"),
        Theme("energy", Names("Энергия", "Энергия", "Energy", "Energie"), "sun"),
        Theme(
            "forests",
            Names("Токой жана жайыт", "Леса и пастбища", "Forests and pasture", "Wald und Weide"),
            "tree",
        ),
        Theme("waste", Names("Таштанды", "Отходы", "Waste", "Abfall"), "recycle"),
        Theme("education", Names("Билим берүү", "Образование", "Education", "Bildung"), "book"),
    )
}

# Targets only: the official indicators are national.
SDG_TARGETS: Final[dict[str, Names]] = {
    "2.3": Names(
        "Чакан чарбалардын кирешеси",
        "Доход малых хозяйств",
        "Income of small farms",
        "Einkommen kleiner Höfe",
    ),
    "2.4": Names(
        "Туруктуу айыл чарба",
        "Устойчивое сельское хозяйство",
        "Sustainable farming",
        "Nachhaltige Landwirtschaft",
    ),
    "4.7": Names(
        "Туруктуу өнүгүү боюнча билим",
        "Образование для устойчивого развития",
        "Learning for sustainable development",
        "Bildung für nachhaltige Entwicklung",
    ),
    "6.4": Names(
        "Сууну үнөмдүү пайдалануу",
        "Бережное использование воды",
        "Using water sparingly",
        "Sparsamer Umgang mit Wasser",
    ),
    "6.6": Names(
        "Суу экосистемаларын коргоо",
        "Защита водных экосистем",
        "Protecting rivers and lakes",
        "Schutz von Flüssen und Seen",
    ),
    "7.2": Names(
        "Кайра жаралуучу энергия",
        "Возобновляемая энергия",
        "Renewable energy",
        "Erneuerbare Energie",
    ),
    "7.3": Names(
        "Энергияны үнөмдөө", "Энергоэффективность", "Energy efficiency", "Energieeffizienz"
    ),
    "8.9": Names(
        "Туруктуу туризм", "Устойчивый туризм", "Sustainable tourism", "Nachhaltiger Tourismus"
    ),
    "11.6": Names(
        "Таза аба жана таштандыны жыйноо",
        "Чистый воздух и сбор отходов",
        "Clean air and waste collection",
        "Saubere Luft und Müllabfuhr",
    ),
    "12.2": Names(
        "Жаратылыш байлыгын сарамжалдоо",
        "Рациональное использование ресурсов",
        "Careful use of natural resources",
        "Schonender Umgang mit Ressourcen",
    ),
    "12.5": Names("Таштандыны азайтуу", "Меньше отходов", "Less waste", "Weniger Abfall"),
    "13.1": Names(
        "Климатка туруктуулук",
        "Устойчивость к изменению климата",
        "Resilience to climate change",
        "Widerstandskraft gegen Klimafolgen",
    ),
    "13.3": Names(
        "Климат боюнча билим",
        "Знания о климате",
        "Climate knowledge",
        "Wissen über das Klima",
    ),
    "15.1": Names(
        "Тоо жана жайыт экосистемалары",
        "Экосистемы гор и пастбищ",
        "Mountains and pasture",
        "Berge und Weiden",
    ),
    "15.2": Names("Токойлор", "Леса", "Forests", "Wälder"),
    "15.3": Names(
        "Жерди калыбына келтирүү", "Восстановление земель", "Restoring land", "Böden erneuern"
    ),
    "16.10": Names(
        "Маалыматка ачык жол",
        "Доступ к информации",
        "Access to information",
        "Zugang zu Information",
    ),
    "17.14": Names(
        "Саясаттын шайкештиги",
        "Согласованность политики",
        "Coherent policies",
        "Stimmige Politik",
    ),
    "17.17": Names("Өнөктөштүк", "Партнёрство", "Partnership", "Partnerschaft"),
}
