"""The sample project `naryn-community-tourism`, in four languages.

Coal: 6 houses · 4 t a winter, a third of it saved = 8 t; sub-bituminous coal gives 1.82 kg CO2 a
kilogram (IPCC 2006 defaults): 14.6 t.
"""

from ashar.demo.story import Sample, Step
from ashar.projects.services import Wanted, Words

SAMPLE = Sample(
    slug="naryn-community-tourism",
    region="KG-N",
    district="Кочкор",
    village="Ак-Жайлоо",
    theme="tourism",
    sdg=("8.9", "7.3", "12.5", "13.3"),
    goal="14500.00",
    currency="EUR",
    closes=(1, 31),
    cover="tourism",
    cover_alt={
        "ky": "Чийме: көл боюндагы үч боз үй, артында карлуу тоолор.",
        "ru": "Рисунок: три юрты у озера, за ними снежные горы.",
        "en": "Drawing: three yurts by a lake, snowy mountains behind them.",
        "de": "Zeichnung: drei Jurten an einem See, dahinter verschneite Berge.",
    },
    owner="«Ак-Жайлоо» айыл туризми тобу (үлгү · sample)",
    payee="«Жергилик өнөктөш» коомдук фонду (үлгү · sample)",
    committee=(
        "Айылдык кеңештин өкүлү",
        "Конок үйлөрүнүн ээлеринин өкүлү",
        "Жайыт комитетинин өкүлү",
        "Жаштар комитетинин өкүлү",
    ),
    steps=(Step(3, 15, 25), Step(5, 31, 25), Step(6, 30, 20), Step(10, 15, 30)),
    budget=("6000.00", "2300.00", "2600.00", "2100.00", "1500.00"),
    needs=(
        Wanted(
            "labour",
            45,
            "day",
            {
                "ky": "Жол белгилөө, үй жылуулоо",
                "ru": "Разметка троп, утепление домов",
                "en": "Marking trails, insulating houses",
                "de": "Wege markieren, Häuser dämmen",
            },
        ),
        Wanted(
            "transport",
            10,
            "trip",
            {
                "ky": "Материалды жайлоого жеткирүү",
                "ru": "Доставка материалов на джайлоо",
                "en": "Carrying material to the summer pasture",
                "de": "Material auf die Sommerweide fahren",
            },
        ),
        Wanted(
            "skills",
            40,
            "hour",
            {
                "ky": "Гиддерге англис же немис тили, онлайн",
                "ru": "Английский или немецкий для гидов, онлайн",
                "en": "English or German for guides, online",
                "de": "Englisch oder Deutsch für Guides, online",
            },
        ),
        Wanted(
            "materials",
            120,
            "piece",
            {
                "ky": "Жол белгиси үчүн карагай казык",
                "ru": "Еловые столбики для разметки",
                "en": "Spruce posts for trail marks",
                "de": "Fichtenpfosten für Wegzeichen",
            },
        ),
    ),
    words={
        "ky": Words(
            title="Жылуу үй, белгиленген жол: айыл туризми",
            summary=(
                "Ак-Жайлоодо алты конок үйүн жылуулап, 38 километр жөө жолду белгилеп, он эки "
                "гидди окутабыз. Коноктон түшкөн акча айылда калат, мешке көмүр азыраак жагылат."
            ),
            story="""\
Жайында айылыбызга коноктор келет: ат минип, Соң-Көлгө жөө барып, боз үйдө түнөйт. Бирок сапарды \
көбүнчө алыстагы фирмалар сатат, айылга үлүшүнүн аз бөлүгү тиет. Кышында болсо конок үйлөрү муздак, \
меште көмүр күндөп-түндөп күйөт.

# Үч иш

Биринчиси, алты конок үйүнүн чатырын жана терезесин жылуулайбыз. Ар бири кышында төрт тоннадай \
көмүр жагат. Ошонун үчтөн бирин үнөмдөсөк, жылына 8 тонна көмүр, башкача айтканда 14,6 тоннадай \
CO2 аз чыгат. Бул баа: кышында ар бир үйдүн көмүрүн таразага тартып, анан чыныгы санды жазабыз.

Экинчиси, айылдан жайлоого чейин 38 километр жөө жолду белгилейбиз жана картасын ачык жарыялайбыз. \
Жол малчылар менен чогуу тандалды: мал төлдөгөн жерден жана булактын башынан өтпөйт.

Үчүнчүсү, он эки жашты гиддикке үйрөтөбүз: биринчи жардам, тоо коопсуздугу, тил. Жарымы кыздар \
болот.

# Жайлоо таза калсын

Эки боз үй лагерине кургак даараткана коюп, таштандыны бөлүп чогултуучу жай ачабыз. Туристтен \
калган желим айылга кайра түшүп, Кочкорго тапшырылат. Ким качан алып барары графикте жазылат.

# Акча айылда кантип калат

Конок бөлмөнүн баасын түз үй ээсине төлөйт. Ар бир түндөн 5 пайыз жалпы капчыкка түшөт: жол \
белгилери, даараткана, гиддердин окуусу ошондон каралат. Капчыктын эсеби айылдык кеңеште жылына эки \
жолу окулат.
""",
            details={
                "milestones": [
                    {
                        "title": "Гиддер окуп бүттү",
                        "text": "Он эки гид биринчи жардам сынагын тапшырат. Далили: катышуу "
                        "барагы, сынактын жыйынтыгы.",
                    },
                    {
                        "title": "Жол белгиленди",
                        "text": "38 км жол ашар менен белгиленип, картасы ачык жарыяланат.",
                    },
                    {
                        "title": "Жайлоодо даараткана жана таштанды жайы",
                        "text": "Эки лагерде даараткана, айылда бөлүп чогултуучу жай иштеп баштайт.",
                    },
                    {
                        "title": "Алты үй жылууланды",
                        "text": "Жумушка чейинки жана кийинки сүрөттөр, материалдардын "
                        "дүмүрчөктөрү, көмүр эсеби.",
                    },
                ],
                "budget": [
                    "Алты үйдүн чатырын жана терезесин жылуулоо",
                    "Жол белгилери жана карта",
                    "Он эки гиддин окуусу",
                    "Кургак даараткана, таштанды жайы",
                    "Унаа, банк акысы, отчёт",
                ],
            },
        ),
        "ru": Words(
            title="Тёплый дом, размеченная тропа: сельский туризм",
            summary=(
                "В Ак-Жайлоо утепляем шесть гостевых домов, размечаем 38 километров пеших троп и "
                "обучаем двенадцать гидов. Деньги гостей остаются в селе, а угля в печах сгорает "
                "меньше."
            ),
            story="""\
Летом к нам приезжают гости: едут верхом, идут пешком на Сон-Куль, ночуют в юртах. Но поездки чаще \
продают фирмы издалека, и селу достаётся малая доля. А зимой гостевые дома холодные, и уголь в \
печах горит день и ночь.

# Три дела

Первое: утепляем крыши и окна шести гостевых домов. Каждый сжигает за зиму около четырёх тонн угля. \
Если сберечь треть, это 8 тонн угля в год, то есть примерно на 14,6 тонны CO2 меньше. Это оценка: \
зимой мы взвесим уголь в каждом доме и напишем настоящую цифру.

Второе: размечаем 38 километров троп от села до джайлоо и открыто публикуем карту. Маршрут выбрали \
вместе с пастухами: он обходит места окота и истоки родников.

Третье: обучаем двенадцать молодых гидов первой помощи, безопасности в горах и языку. Половина из \
них девушки.

# Чтобы джайлоо осталось чистым

В двух юрточных лагерях ставим сухие туалеты, в селе открываем пункт раздельного сбора. Пластик от \
туристов возвращается вниз и сдаётся в Кочкоре. Кто и когда его везёт, записано в графике.

# Как деньги остаются в селе

Гость платит за комнату прямо хозяевам. С каждой ночи 5 процентов идут в общий кошелёк: на разметку, \
туалеты и обучение гидов. Счёт кошелька дважды в год зачитывают на сельском кенеше.
""",
            details={
                "milestones": [
                    {
                        "title": "Гиды обучены",
                        "text": "Двенадцать гидов сдают экзамен по первой помощи. Подтверждение: "
                        "лист участия, результаты экзамена.",
                    },
                    {
                        "title": "Тропа размечена",
                        "text": "38 км размечены ашаром, карта открыто опубликована.",
                    },
                    {
                        "title": "Туалеты и пункт сбора работают",
                        "text": "Туалеты в двух лагерях, пункт раздельного сбора в селе.",
                    },
                    {
                        "title": "Шесть домов утеплены",
                        "text": "Снимки до и после, квитанции на материалы, учёт угля.",
                    },
                ],
                "budget": [
                    "Утепление крыш и окон шести домов",
                    "Разметка троп и карта",
                    "Обучение двенадцати гидов",
                    "Сухие туалеты, пункт сбора отходов",
                    "Транспорт, банковские сборы, отчёт",
                ],
            },
        ),
        "en": Words(
            title="Naryn community tourism: warm houses, marked trails",
            summary=(
                "In Ak-Jailoo we insulate six guest houses, mark 38 kilometres of trail and train "
                "twelve guides. What guests pay stays in the village, and less coal goes into the "
                "stoves."
            ),
            story="""\
In summer guests come to our village: they ride, walk to Song-Köl, sleep in yurts. But most trips \
are sold by firms far away, and little of the price reaches us. In winter the guest houses are \
cold, and coal burns in the stoves day and night.

# Three pieces of work

First, we insulate roofs and windows of six guest houses. Each burns about four tonnes of coal in a \
winter. If a third is saved, that is 8 tonnes of coal a year, or about 14.6 tonnes of CO2 less. \
This is an estimate: next winter we weigh the coal of each house and write the real figure.

Second, we mark 38 kilometres of trail from the village to the summer pasture and publish the map \
openly. The route was chosen with the herders: it keeps away from lambing grounds and from the \
heads of springs.

Third, we train twelve young guides in first aid, safety in the mountains and a language. Half of \
them are young women.

# A clean pasture

Two yurt camps get dry toilets, and the village a place where waste is sorted. Plastic that guests \
leave comes back down and is handed in at Kochkor. Who takes it, and when, stands in a schedule.

# How the money stays

Guests pay their hosts directly. Of each night, 5 per cent goes into a common purse for trail \
marks, toilets and the guides' training. Its account is read out in the village council twice a \
year.
""",
            details={
                "milestones": [
                    {
                        "title": "The guides are trained",
                        "text": "Twelve guides pass the first-aid examination. Proof: attendance "
                        "list, results.",
                    },
                    {
                        "title": "The trail is marked",
                        "text": "38 km are marked by ashar, and the map is published openly.",
                    },
                    {
                        "title": "Toilets and sorting place work",
                        "text": "Toilets at two camps, the sorting place in the village.",
                    },
                    {
                        "title": "Six houses are insulated",
                        "text": "Pictures before and after, receipts for the material, the count "
                        "of coal.",
                    },
                ],
                "budget": [
                    "Insulating roofs and windows of six houses",
                    "Trail marks and map",
                    "Training of twelve guides",
                    "Dry toilets, sorting place",
                    "Transport, bank fees, report",
                ],
            },
        ),
        "de": Words(
            title="Warme Häuser, markierte Wege: Tourismus im Dorf",
            summary=(
                "In Ak-Dschailoo dämmen wir sechs Gästehäuser, markieren 38 Kilometer Wanderweg "
                "und bilden zwölf Guides aus. Was Gäste zahlen, bleibt im Dorf, und in den Öfen "
                "brennt weniger Kohle."
            ),
            story="""\
Im Sommer kommen Gäste ins Dorf: Sie reiten, wandern zum Songköl, schlafen in Jurten. Aber die \
Reisen verkaufen meist Firmen von weit her, und im Dorf bleibt wenig davon. Im Winter sind die \
Gästehäuser kalt, und in den Öfen brennt Tag und Nacht Kohle.

# Drei Arbeiten

Erstens dämmen wir Dächer und Fenster von sechs Gästehäusern. Jedes verheizt im Winter etwa vier \
Tonnen Kohle. Sparen wir ein Drittel, sind das 8 Tonnen Kohle im Jahr, also etwa 14,6 Tonnen CO2 \
weniger. Das ist eine Schätzung: Im nächsten Winter wiegen wir die Kohle jedes Hauses und schreiben \
die wirkliche Zahl auf.

Zweitens markieren wir 38 Kilometer Weg vom Dorf zur Sommerweide und veröffentlichen die Karte. Die \
Strecke haben wir mit den Hirten gewählt: Sie meidet Ablammplätze und Quellen.

Drittens bilden wir zwölf junge Guides aus, in Erster Hilfe, Sicherheit am Berg und einer Sprache. \
Die Hälfte sind junge Frauen.

# Eine saubere Weide

Zwei Jurtencamps bekommen Trockentoiletten, das Dorf eine Sammelstelle für getrennten Abfall. \
Plastik, das Gäste zurücklassen, kommt wieder herunter und wird in Kotschkor abgegeben. Wer es wann \
fährt, steht in einem Plan.

# Wie das Geld im Dorf bleibt

Gäste bezahlen das Zimmer direkt bei ihren Gastgebern. Von jeder Nacht gehen 5 Prozent in eine \
gemeinsame Kasse für Wegzeichen, Toiletten und die Ausbildung der Guides. Ihre Abrechnung wird \
zweimal im Jahr im Dorfrat verlesen.
""",
            details={
                "milestones": [
                    {
                        "title": "Die Guides sind ausgebildet",
                        "text": "Zwölf Guides bestehen die Prüfung in Erster Hilfe. Nachweis: "
                        "Teilnahmeliste, Ergebnisse.",
                    },
                    {
                        "title": "Der Weg ist markiert",
                        "text": "38 km sind im Ashar markiert, die Karte ist veröffentlicht.",
                    },
                    {
                        "title": "Toiletten und Sammelstelle sind in Betrieb",
                        "text": "Toiletten in zwei Camps, die Sammelstelle im Dorf.",
                    },
                    {
                        "title": "Sechs Häuser sind gedämmt",
                        "text": "Bilder vorher und nachher, Belege für das Material, der "
                        "Kohleverbrauch.",
                    },
                ],
                "budget": [
                    "Dächer und Fenster von sechs Häusern dämmen",
                    "Wegzeichen und Karte",
                    "Ausbildung von zwölf Guides",
                    "Trockentoiletten, Sammelstelle",
                    "Fahrten, Bankgebühren, Bericht",
                ],
            },
        ),
    },
)
