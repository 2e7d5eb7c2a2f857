"""The sample project `sample-draft`: still being written, so that strangers find nothing."""

from ashar.demo.story import Sample, Step
from ashar.projects.services import Wanted, Words

SAMPLE = Sample(
    slug="sample-draft",
    region="KG-T",
    district="Бакай-Ата",
    village="Көк-Булак",
    theme="water",
    sdg=("6.4", "6.6", "13.1"),
    goal="780000.00",
    currency="KGS",
    closes=(3, 31),
    cover="water",
    cover_alt={
        "ky": "Чийме: талаалардын арасынан аккан суу, теректер, артында тоолор.",
        "ru": "Рисунок: ручей между полями, тополя, за ними горы.",
        "en": "Drawing: a stream between fields, poplars, mountains behind.",
        "de": "Zeichnung: ein Bach zwischen Feldern, Pappeln, dahinter Berge.",
    },
    owner="«Көк-Булак» айыл тобу (үлгү · sample)",
    payee="«Жергилик өнөктөш» коомдук фонду (үлгү · sample)",
    committee=("Айылдык кеңештин өкүлү", "Медпункттун өкүлү", "Мектептин өкүлү"),
    steps=(Step(4, 30, 30), Step(6, 15, 50), Step(8, 15, 20)),
    budget=("180000.00", "465000.00", "90000.00", "45000.00"),
    needs=(
        Wanted(
            "labour",
            80,
            "day",
            {
                "ky": "Түтүк үчүн аң казуу",
                "ru": "Рытьё траншеи для труб",
                "en": "Digging the trench for the pipe",
                "de": "Graben für die Leitung ausheben",
            },
        ),
        Wanted(
            "transport",
            5,
            "trip",
            {
                "ky": "Түтүк ташуу",
                "ru": "Перевозка труб",
                "en": "Carrying pipes",
                "de": "Rohre fahren",
            },
        ),
    ),
    words={
        "ky": Words(
            title="Көк-Булак: булактын суусун айылга жеткиребиз",
            summary=(
                "Булактын башын тосуп коргоп, 1,8 километр түтүк менен үч суу колонкасына "
                "жеткиребиз."
            ),
            story="""\
Көк-Булактын 64 үйү сууну 1,8 километр алыстагы булактан ташыйт. Жазында мал ичкен жер менен суу \
аралашып, ылайланып калат.

# Эмне курабыз

Булактын башын темир-бетон менен жаап, мал кирбегидей тособуз. Түтүктү жердин 1,2 метр астына \
салабыз: кышында тоңбойт. Үч колонка мектептин, медпункттун жана аяккы көчөнүн жанында турат.

# Ким карайт

Суу комитети айына бир үйдөн 50 сом чогултат: оңдоо ошондон төлөнөт. Суунун сапаты жылына эки жолу \
текшерилет.
""",
            details={
                "milestones": [
                    {"title": "Булак корголду", "text": "Тосмо курулат, суу анализи жарыяланат."},
                    {"title": "Түтүк салынды", "text": "1,8 км аң ашар менен казылат."},
                    {"title": "Үч колонка иштейт", "text": "Экинчи анализ жана отчёт."},
                ],
                "budget": [
                    "Булактын башын коргоо",
                    "1,8 км түтүк, үч колонка",
                    "Уста акысы",
                    "Суу анализи, унаа, отчёт",
                ],
            },
        ),
        "ru": Words(
            title="Кёк-Булак: ведём воду от родника в село",
            summary=(
                "Закрываем и огораживаем родник и тянем 1,8 километра трубы к трём колонкам в селе."
            ),
            story="""\
Жители 64 домов Кёк-Булака носят воду от родника за 1,8 километра. Весной там же пьёт скот, и вода \
становится мутной.

# Что строим

Закрываем родник бетонным кольцом и ставим ограду от скота. Трубу кладём на глубине 1,2 метра: зимой \
она не замёрзнет. Три колонки встанут у школы, у медпункта и на дальней улице.

# Кто следит

Водный комитет собирает по 50 сомов с дома в месяц, из них оплачивается ремонт. Качество воды \
проверяют дважды в год.
""",
            details={
                "milestones": [
                    {"title": "Родник защищён", "text": "Ограда готова, анализ воды опубликован."},
                    {"title": "Труба уложена", "text": "1,8 км траншеи вырыто ашаром."},
                    {"title": "Три колонки работают", "text": "Второй анализ воды и отчёт."},
                ],
                "budget": [
                    "Защита родника",
                    "1,8 км трубы, три колонки",
                    "Оплата мастера",
                    "Анализ воды, транспорт, отчёт",
                ],
            },
        ),
        "en": Words(
            title="Kök-Bulak: bringing spring water to the village",
            summary=(
                "We cover and fence the spring and lay 1.8 kilometres of pipe to three taps in the "
                "village."
            ),
            story="""\
The 64 houses of Kök-Bulak carry their water from a spring 1.8 kilometres away. In spring, cattle \
drink at the same place and the water turns muddy.

# What we build

The spring gets a concrete ring and a fence against cattle. The pipe lies 1.2 metres deep, so that \
it does not freeze. Three taps stand by the school, by the health post and in the last street.

# Who looks after it

The water committee collects 50 som a house and month, and repairs are paid from it. The water is \
tested twice a year.
""",
            details={
                "milestones": [
                    {
                        "title": "The spring is protected",
                        "text": "The fence stands, the water test is published.",
                    },
                    {"title": "The pipe is laid", "text": "1.8 km of trench are dug by ashar."},
                    {"title": "Three taps run", "text": "Second water test and report."},
                ],
                "budget": [
                    "Protecting the spring",
                    "1.8 km of pipe, three taps",
                    "The plumber's wage",
                    "Water tests, transport, report",
                ],
            },
        ),
        "de": Words(
            title="Kök-Bulak: Quellwasser ins Dorf leiten",
            summary=(
                "Wir fassen die Quelle, zäunen sie ein und legen 1,8 Kilometer Leitung zu drei "
                "Zapfstellen im Dorf."
            ),
            story="""\
Die 64 Häuser von Kök-Bulak holen ihr Wasser an einer Quelle in 1,8 Kilometern Entfernung. Im \
Frühling trinkt dort auch das Vieh, und das Wasser wird trüb.

# Was wir bauen

Die Quelle bekommt einen Betonring und einen Zaun gegen das Vieh. Die Leitung liegt 1,2 Meter tief, \
damit sie nicht einfriert. Drei Zapfstellen stehen an der Schule, am Sanitätsposten und in der \
letzten Straße.

# Wer sich kümmert

Das Wasserkomitee sammelt je Haus und Monat 50 Som, davon werden Reparaturen bezahlt. Das Wasser \
wird zweimal im Jahr geprüft.
""",
            details={
                "milestones": [
                    {
                        "title": "Die Quelle ist geschützt",
                        "text": "Der Zaun steht, die Wasseranalyse ist veröffentlicht.",
                    },
                    {
                        "title": "Die Leitung liegt",
                        "text": "1,8 km Graben sind im Ashar ausgehoben.",
                    },
                    {
                        "title": "Drei Zapfstellen laufen",
                        "text": "Zweite Wasseranalyse und Bericht.",
                    },
                ],
                "budget": [
                    "Quelle schützen",
                    "1,8 km Leitung, drei Zapfstellen",
                    "Lohn für den Installateur",
                    "Wasseranalysen, Fahrten, Bericht",
                ],
            },
        ),
    },
)
