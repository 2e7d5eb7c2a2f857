"""The sample project `batken-dry-rice`, in four languages.

Methane by IPCC 2019 (vol. 4, ch. 5): 3.35 t CO2e a hectare and season under continuous flooding,
1.84 with several drainages; 24 ha · 1.51 = 36 t. Nitrous oxide of drying at 120 kg N a hectare:
0.002 · 44/28 · 120 · 265 = 0.1 t CO2e a hectare.
"""

from ashar.demo.story import Sample, Step
from ashar.projects.services import Wanted, Words

SAMPLE = Sample(
    slug="batken-dry-rice",
    region="KG-B",
    district="Кадамжай",
    village="Ак-Арык",
    theme="agriculture",
    sdg=("2.4", "6.4", "13.1", "13.3"),
    goal="18000.00",
    currency="CHF",
    closes=(2, 28),
    cover="rice",
    cover_alt={
        "ky": "Чийме: тоо этегиндеги күрүч талаасы, теректер жана таңкы күн.",
        "ru": "Рисунок: рисовое поле у подножия гор, тополя и утреннее солнце.",
        "en": "Drawing: a rice field below mountains, poplars and the morning sun.",
        "de": "Zeichnung: ein Reisfeld am Fuß der Berge, Pappeln und Morgensonne.",
    },
    owner="«Ак-Арык» суу пайдалануучулар бирикмеси (үлгү · sample)",
    payee="«Жергилик өнөктөш» коомдук фонду (үлгү · sample)",
    committee=(
        "Айылдык кеңештин өкүлү",
        "Суу пайдалануучулар бирикмесинин өкүлү",
        "Дыйкан аялдар тобунун өкүлү",
        "Мектептин биология мугалими",
    ),
    steps=(Step(3, 31, 30), Step(4, 20, 35), Step(5, 25, 15), Step(8, 31, 10), Step(10, 31, 10)),
    budget=("5400.00", "3800.00", "3600.00", "2200.00", "1500.00", "1500.00"),
    needs=(
        Wanted(
            "labour",
            60,
            "day",
            {
                "ky": "Арык тазалоо",
                "ru": "Чистка арыка",
                "en": "Clearing the canal",
                "de": "Kanal reinigen",
            },
        ),
        Wanted(
            "materials",
            2,
            "piece",
            {
                "ky": "Кургак себүүчү сепкич, ижарага",
                "ru": "Сеялка для сухого посева, в аренду",
                "en": "Seeder for dry sowing, on hire",
                "de": "Sämaschine für Trockensaat, zur Miete",
            },
        ),
        Wanted(
            "skills",
            12,
            "hour",
            {
                "ky": "Агрономдун кеңеши",
                "ru": "Советы агронома",
                "en": "An agronomist's advice",
                "de": "Rat einer Agronomin oder eines Agronomen",
            },
        ),
        Wanted(
            "transport",
            6,
            "trip",
            {
                "ky": "Үрөн жана сепкич ташуу",
                "ru": "Перевозка семян и сеялок",
                "en": "Carrying seed and seeders",
                "de": "Saatgut und Sämaschinen fahren",
            },
        ),
    ),
    words={
        "ky": Words(
            title="Кургак күрүч: аз суу менен өстүрөбүз",
            summary=(
                "Ак-Арыктын 24 гектар талаасына күрүчтү кургак жерге себип, тынымсыз суу "
                "бастырбай, кезеги менен сугарабыз. Суу үнөмдөлөт, метан аз бөлүнөт, натыйжасын "
                "өлчөп көрсөтөбүз."
            ),
            story="""\
Ак-Арыкта күрүчтү чоң аталарыбыздын убагынан бери эгип келебиз. Отоо чөп чыкпасын деп талааны жай \
бою суу бастырып коёбуз. Бирок суу жылдан жылга азайып, каналдын аяк жагындагы үй-бүлөлөргө июлда \
жетпей калды.

# Эмнени өзгөртөбүз

Көчөт отургузбай, урукту сепкич менен түз эле кургак жерге себебиз. Анан талааны тынымсыз суу \
бастырбайбыз: сугарабыз, жер кургайт, кайра сугарабыз. Эл аралык күрүч институтунун (IRRI) \
тажрыйбасында мындай кезектеп сугаруу сууну 30 пайызга чейин үнөмдөйт.

Биринчи жылы 24 гектардан баштайбыз. Ага 31 үй-бүлө катышат, ар бири эски талаасынын бир бөлүгүн \
мурдагыдай калтырат. Ошентип эки жолду жанаша салыштырабыз.

# Климатка кандай таасир этет

Суу баскан топуракта кычкылтек жок, ошондуктан метан бөлүнүп чыгат. IPCCнин 2019-жылкы ыкмасы \
боюнча жай бою суу баскан бир гектар бир мезгилде 3,35 тонна CO2ге тете метан чыгарат, бир нече \
жолу кургатылганы 1,84 тонна. 24 гектарда айырма болжол менен 36 тонна. Кургатканда азот оксиди \
бир аз көбөйөт: ал эсептен 2 тоннадай кемитет. Бул баа, өлчөө эмес. Ошондуктан суунун деңгээлин \
жана түшүмдү ар бир талаада жазып турабыз, метанды үч талаада өлчөйбүз. Көмүртек кредитин \
сатпайбыз.

# Ким эмне кылат

4,2 километр арыкты ашар менен тазалайбыз: 60 адам-күн. Сепкичтерди эки мезгилге ижарага алабыз, \
агроном жер айдоодон орумга чейин жанаша жүрөт. Акча бөлүп-бөлүп келет: бир кадам сүрөт жана \
дүмүрчөк менен далилденгенден кийин гана кийинкиси башталат.

Түшүм азайып калышы мүмкүнбү? Биринчи жылы мүмкүн: отоо чөп менен күрөшүү оордойт. Ошон үчүн \
24 гектардан баштап, жакшысын да, жаманын да ачык жазабыз.
""",
            details={
                "milestones": [
                    {
                        "title": "Арык тазаланды",
                        "text": "4,2 км арык тазаланып, эки тосмо коюлат. Далили: мурдагы жана "
                        "кийинки сүрөттөр, катышкандардын саны.",
                    },
                    {
                        "title": "Сепкич жана үрөн келди",
                        "text": "Эки сепкичтин ижара келишими, үрөндүн дүмүрчөгү жана сапат "
                        "күбөлүгү.",
                    },
                    {
                        "title": "Күрүч себилди",
                        "text": "24 гектар себилип, талаалардын картасы түзүлөт.",
                    },
                    {
                        "title": "Жай: сугаруу жана өлчөө",
                        "text": "Суунун деңгээли жумасына эки жолу жазылат, метан үч талаада "
                        "өлчөнөт.",
                    },
                    {
                        "title": "Орум жана отчёт",
                        "text": "Түшүм, суу жана чыгым эски талаалар менен салыштырылып "
                        "жарыяланат.",
                    },
                ],
                "budget": [
                    "Арык тазалоо: экскаватор, эки тосмо",
                    "Эки сепкичтин эки мезгилдик ижарасы",
                    "24 гектарга үрөн",
                    "Агроном, окуу жана талаа күндөрү",
                    "Өлчөө: суу өлчөгүчтөр, газ үлгүлөрү",
                    "Унаа, банк акысы, отчёт",
                ],
            },
        ),
        "ru": Words(
            title="Сухой рис: растим, сберегая воду",
            summary=(
                "На 24 гектарах в Ак-Арыке сеем рис в сухую землю и поливаем по очереди, не держа "
                "поле под водой. Воды уходит меньше, метана меньше, а результат мы измерим и "
                "покажем."
            ),
            story="""\
В Ак-Арыке рис сеяли ещё наши деды. Чтобы не росли сорняки, поле всё лето держат под водой. Но \
воды с каждым годом меньше, и семьям в конце канала в июле её уже не хватает.

# Что мы меняем

Рассаду не высаживаем: сеялка кладёт семена прямо в сухую землю. Поле не стоит под водой: полили, \
земля подсохла, полили снова. По опыту Международного института риса (IRRI), такой полив с \
перерывами сберегает до 30 процентов воды.

В первый год начинаем с 24 гектаров. Участвует 31 семья, и каждая оставляет часть своего поля по \
старинке. Так мы сравним два способа бок о бок.

# Что это даёт климату

В затопленной почве нет кислорода, и из неё выходит метан. По методике МГЭИК 2019 года гектар, \
который всё лето под водой, даёт за сезон метана примерно на 3,35 тонны CO2-эквивалента, а гектар, \
который несколько раз просыхал, на 1,84 тонны. На 24 гектарах разница около 36 тонн. При \
просыхании немного растёт выход закиси азота, это отнимает около 2 тонн. Всё это оценка, а не \
измерение. Поэтому уровень воды и урожай записываем на каждом поле, а метан измеряем на трёх. \
Углеродные кредиты мы не продаём.

# Кто что делает

4,2 километра арыка чистим ашаром: 60 человеко-дней. Сеялки берём в аренду на два сезона, агроном \
рядом с нами от вспашки до жатвы. Деньги приходят частями: следующий шаг начинается только тогда, \
когда предыдущий подтверждён фотографиями и квитанциями.

Может ли урожай оказаться меньше? В первый год может: с сорняками бороться труднее. Поэтому мы \
начинаем с 24 гектаров и честно напишем и о хорошем, и о плохом.
""",
            details={
                "milestones": [
                    {
                        "title": "Арык расчищен",
                        "text": "Расчищено 4,2 км, поставлены два затвора. Подтверждение: снимки "
                        "до и после, число участников.",
                    },
                    {
                        "title": "Сеялки и семена на месте",
                        "text": "Договор аренды двух сеялок, квитанция и свидетельство о качестве "
                        "семян.",
                    },
                    {
                        "title": "Рис посеян",
                        "text": "Засеяно 24 гектара, составлена карта полей.",
                    },
                    {
                        "title": "Лето: полив и измерения",
                        "text": "Уровень воды записывается дважды в неделю, метан измеряется на "
                        "трёх полях.",
                    },
                    {
                        "title": "Жатва и отчёт",
                        "text": "Урожай, вода и расходы публикуются в сравнении со старыми полями.",
                    },
                ],
                "budget": [
                    "Чистка арыка: экскаватор, два затвора",
                    "Аренда двух сеялок на два сезона",
                    "Семена на 24 гектара",
                    "Агроном, обучение и дни поля",
                    "Измерения: водомеры, пробы газа",
                    "Транспорт, банковские сборы, отчёт",
                ],
            },
        ),
        "en": Words(
            title="Batken dry rice: growing it with less water",
            summary=(
                "On 24 hectares in Ak-Aryk we sow rice into dry soil and water it in turns instead "
                "of keeping the field flooded. It takes less water and gives off less methane, and "
                "we measure and show what comes of it."
            ),
            story="""\
Our grandfathers already grew rice in Ak-Aryk. To keep the weeds down, the field stands under water \
all summer. But there is less water every year, and by July it no longer reaches the families at \
the end of the canal.

# What we change

No seedlings are planted out: a seeder puts the seed straight into dry soil. The field does not \
stand under water: we water, the soil dries, we water again. In the experience of the International \
Rice Research Institute (IRRI), watering in turns saves up to 30 per cent of the water.

We begin with 24 hectares. 31 families take part, and each keeps a piece of its field as it was. So \
we can compare the two ways side by side.

# What it does for the climate

Flooded soil has no oxygen, and methane comes out of it. By the IPCC's method of 2019, a hectare \
that is flooded all summer gives off methane worth about 3.35 tonnes of CO2 in a season, one that \
dries several times about 1.84 tonnes. On 24 hectares the difference is about 36 tonnes. Drying \
brings a little more nitrous oxide, which takes about 2 tonnes off that. These are estimates, not \
measurements. So we write down water level and harvest on every field, and measure methane on \
three. We sell no carbon credits.

# Who does what

We clear 4.2 kilometres of canal by ashar: 60 days of work. The seeders are hired for two seasons, \
and an agronomist is with us from ploughing to harvest. The money comes in parts: a step begins \
only when the one before it is proved by photos and receipts.

Could the harvest be smaller? In the first year it could: weeds are harder to keep down. That is \
why we begin with 24 hectares, and why we will write what went well and what did not.
""",
            details={
                "milestones": [
                    {
                        "title": "The canal is clear",
                        "text": "4.2 km are cleared and two gates set. Proof: pictures before and "
                        "after, the number of people who came.",
                    },
                    {
                        "title": "Seeders and seed are here",
                        "text": "The hire contract of two seeders, receipt and quality certificate "
                        "of the seed.",
                    },
                    {
                        "title": "The rice is sown",
                        "text": "24 hectares are sown, and there is a map of the fields.",
                    },
                    {
                        "title": "Summer: watering and measuring",
                        "text": "The water level is noted twice a week, methane is measured on "
                        "three fields.",
                    },
                    {
                        "title": "Harvest and report",
                        "text": "Harvest, water and costs are published beside those of the old "
                        "fields.",
                    },
                ],
                "budget": [
                    "Clearing the canal: excavator, two gates",
                    "Hire of two seeders for two seasons",
                    "Seed for 24 hectares",
                    "Agronomist, training and field days",
                    "Measuring: water meters, gas samples",
                    "Transport, bank fees, report",
                ],
            },
        ),
        "de": Words(
            title="Trockenreis: Anbau mit weniger Wasser",
            summary=(
                "Auf 24 Hektar in Ak-Aryk säen wir Reis in trockenen Boden und bewässern in "
                "Abständen, statt das Feld unter Wasser zu halten. Das braucht weniger Wasser und "
                "setzt weniger Methan frei; was daraus wird, messen und zeigen wir."
            ),
            story="""\
Schon unsere Großväter haben in Ak-Aryk Reis angebaut. Damit kein Unkraut aufkommt, steht das Feld \
den ganzen Sommer unter Wasser. Aber das Wasser wird jedes Jahr knapper, und im Juli reicht es für \
die Familien am Ende des Kanals nicht mehr.

# Was wir ändern

Wir setzen keine Setzlinge: Eine Sämaschine legt die Saat direkt in den trockenen Boden. Das Feld \
steht nicht unter Wasser: Wir bewässern, der Boden trocknet ab, wir bewässern wieder. Nach den \
Erfahrungen des Internationalen Reisforschungsinstituts (IRRI) spart das bis zu 30 Prozent Wasser.

Wir beginnen mit 24 Hektar. 31 Familien machen mit, und jede lässt ein Stück Feld, wie es war. So \
lassen sich beide Wege nebeneinander vergleichen.

# Was es dem Klima bringt

In überfluteten Böden fehlt Sauerstoff, und es entsteht Methan. Nach der Methode des IPCC von 2019 \
setzt ein Hektar, der den ganzen Sommer überflutet ist, in einer Saison Methan von etwa 3,35 Tonnen \
CO2-Äquivalent frei; einer, der mehrmals abtrocknet, etwa 1,84 Tonnen. Auf 24 Hektar macht das etwa \
36 Tonnen Unterschied. Beim Abtrocknen entsteht etwas mehr Lachgas, das nimmt davon etwa 2 Tonnen \
wieder weg. Das sind Schätzungen, keine Messungen. Darum schreiben wir Wasserstand und Ernte auf \
jedem Feld auf und messen Methan auf dreien. CO2-Zertifikate verkaufen wir nicht.

# Wer was tut

4,2 Kilometer Kanal reinigen wir im Ashar: 60 Arbeitstage. Die Sämaschinen mieten wir für zwei \
Saisons, eine Agronomin begleitet uns vom Pflügen bis zur Ernte. Das Geld kommt in Teilen: Ein \
Schritt beginnt erst, wenn der vorige mit Fotos und Belegen nachgewiesen ist.

Kann die Ernte kleiner ausfallen? Im ersten Jahr ja: Unkraut ist schwerer zu bekämpfen. Deshalb \
beginnen wir mit 24 Hektar, und deshalb schreiben wir auf, was gelang und was nicht.
""",
            details={
                "milestones": [
                    {
                        "title": "Der Kanal ist frei",
                        "text": "4,2 km sind gereinigt, zwei Schieber gesetzt. Nachweis: Bilder "
                        "vorher und nachher, Zahl der Helfenden.",
                    },
                    {
                        "title": "Sämaschinen und Saatgut sind da",
                        "text": "Mietvertrag der zwei Sämaschinen, Beleg und Qualitätszeugnis des "
                        "Saatguts.",
                    },
                    {
                        "title": "Der Reis ist gesät",
                        "text": "24 Hektar sind gesät, eine Karte der Felder liegt vor.",
                    },
                    {
                        "title": "Sommer: bewässern und messen",
                        "text": "Der Wasserstand wird zweimal die Woche notiert, Methan auf drei "
                        "Feldern gemessen.",
                    },
                    {
                        "title": "Ernte und Bericht",
                        "text": "Ernte, Wasser und Kosten werden neben denen der alten Felder "
                        "veröffentlicht.",
                    },
                ],
                "budget": [
                    "Kanal reinigen: Bagger, zwei Schieber",
                    "Miete zweier Sämaschinen für zwei Saisons",
                    "Saatgut für 24 Hektar",
                    "Agronomin, Schulung und Feldtage",
                    "Messungen: Wasserzähler, Gasproben",
                    "Fahrten, Bankgebühren, Bericht",
                ],
            },
        ),
    },
)
