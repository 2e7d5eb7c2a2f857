"""The sample project `naryn-windbreak`: handed in, so that a moderator finds a case to decide."""

from ashar.demo.story import Sample, Step
from ashar.projects.services import Wanted, Words

SAMPLE = Sample(
    slug="naryn-windbreak",
    region="KG-N",
    district="Ак-Талаа",
    village="Жаңы-Токой",
    theme="forests",
    sdg=("13.1", "15.2", "15.3"),
    goal="3600.00",
    currency="EUR",
    closes=(3, 15),
    cover="forest",
    cover_alt={
        "ky": "Чийме: талаанын четиндеги жаш бактар, артында карагайлуу тоо.",
        "ru": "Рисунок: молодые деревья у края поля, за ними гора с елями.",
        "en": "Drawing: young trees at the edge of a field, a mountain with spruces behind.",
        "de": "Zeichnung: junge Bäume am Feldrand, dahinter ein Berg mit Fichten.",
    },
    owner="«Жаңы-Токой» жамааты (үлгү · sample)",
    payee="«Жергилик өнөктөш» коомдук фонду (үлгү · sample)",
    committee=("Айылдык кеңештин өкүлү", "Жайыт комитетинин өкүлү", "Мектептин өкүлү"),
    steps=(Step(4, 15, 40), Step(5, 10, 30), Step(9, 30, 20), Step(5, 31, 10)),
    budget=("1230.00", "1250.00", "620.00", "280.00", "220.00"),
    needs=(
        Wanted(
            "labour",
            90,
            "day",
            {
                "ky": "Чуңкур казуу, көчөт отургузуу",
                "ru": "Рытьё лунок, посадка",
                "en": "Digging holes, planting",
                "de": "Löcher graben, pflanzen",
            },
        ),
        Wanted(
            "materials",
            400,
            "piece",
            {
                "ky": "Тосмого мамы",
                "ru": "Столбы для ограды",
                "en": "Posts for the fence",
                "de": "Pfosten für den Zaun",
            },
        ),
        Wanted(
            "skills",
            10,
            "hour",
            {
                "ky": "Токойчунун кеңеши",
                "ru": "Советы лесника",
                "en": "A forester's advice",
                "de": "Rat einer Försterin oder eines Försters",
            },
        ),
        Wanted(
            "transport",
            8,
            "trip",
            {
                "ky": "Көчөт жана мамы ташуу",
                "ru": "Перевозка саженцев и столбов",
                "en": "Carrying seedlings and posts",
                "de": "Setzlinge und Pfosten fahren",
            },
        ),
    ),
    words={
        "ky": Words(
            title="Жаңы-Токой: талааны шамалдан коргойбуз",
            summary=(
                "Талаанын чети менен 2 километрге чычырканак, терек жана тал тигип, малдан тосуп, "
                "үч жай бою сугарып турабыз."
            ),
            story="""\
Жаңы-Токойдун талаалары ачык жерде. Жазында шамал кургак топуракты учурат, жаңы чыккан эгинди \
кум басат. Чоң энелерибиз тиккен теректерден он бештейи гана калды.

# Эмне тигебиз

Талаанын чети менен 2 километрге үч катар: сыртында чычырканак, ортосунда тал, ичинде терек. \
Баары 3000 көчөт. Мал жебеши үчүн эки тарабын тособуз.

# Эмне өзгөрөт

Бийиктеген тосмо артындагы талаада шамалды басаңдатат, топурак аз кургайт. Бактар канча көмүр кычкыл \
газын сиңирерин азырынча эсептебейбиз: алгачкы жылдары ал аз. Канча көчөт тирүү калганын жылына эки \
жолу санап, жазып турабыз.

# Ким карайт

Ар бир көчөнүн өз тилкеси бар: жайында он күндө бир сугарат. Чычырканак мөмө бергенде жарымы \
мектептин ашканасына кетет, жарымы сатылып, тосмону оңдоого жумшалат.
""",
            details={
                "milestones": [
                    {"title": "Тосмо курулду", "text": "4 км зым, 400 мамы, чуңкурлар даяр."},
                    {"title": "Көчөт тигилди", "text": "3000 көчөт, сатып алуу дүмүрчөктөрү."},
                    {"title": "Биринчи жай", "text": "Сугаруу күндөлүгү, тирүү көчөт саны."},
                    {"title": "Бир жылдан кийин", "text": "Экинчи санак жана отчёт."},
                ],
                "budget": [
                    "3000 көчөт: чычырканак, терек, тал",
                    "4 км тосмонун зымы",
                    "Насос ижарасы, тамчылатма түтүк",
                    "Токойчу, окуу",
                    "Унаа, банк акысы, отчёт",
                ],
            },
        ),
        "ru": Words(
            title="Джаны-Токой: защитим поля от ветра",
            summary=(
                "Вдоль края полей сажаем 2 километра облепихи, тополя и ивы, огораживаем их от "
                "скота и поливаем три лета."
            ),
            story="""\
Поля Джаны-Токоя лежат на открытом месте. Весной ветер уносит сухую почву и засыпает всходы песком. \
От тополей, посаженных нашими бабушками, осталось около пятнадцати.

# Что сажаем

Вдоль края полей, 2 километра, три ряда: снаружи облепиха, в середине ива, внутри тополь. Всего \
3000 саженцев. Чтобы их не съел скот, ставим ограду с двух сторон.

# Что изменится

Подросшая полоса ослабит ветер на полях за ней, почва будет меньше сохнуть. Сколько углекислого газа \
поглотят деревья, мы пока не считаем: в первые годы это мало. Сколько саженцев прижилось, считаем и \
записываем дважды в год.

# Кто ухаживает

У каждой улицы своя полоса: летом поливают раз в десять дней. Когда облепиха начнёт плодоносить, \
половина ягод пойдёт в школьную столовую, половину продадим и на эти деньги будем чинить ограду.
""",
            details={
                "milestones": [
                    {
                        "title": "Ограда стоит",
                        "text": "4 км проволоки, 400 столбов, лунки готовы.",
                    },
                    {"title": "Саженцы посажены", "text": "3000 саженцев, квитанции на них."},
                    {"title": "Первое лето", "text": "Журнал полива, число живых саженцев."},
                    {"title": "Год спустя", "text": "Второй подсчёт и отчёт."},
                ],
                "budget": [
                    "3000 саженцев: облепиха, тополь, ива",
                    "Проволока для 4 км ограды",
                    "Аренда насоса, капельные трубки",
                    "Лесник, обучение",
                    "Транспорт, банковские сборы, отчёт",
                ],
            },
        ),
        "en": Words(
            title="Zhany-Tokoy: sheltering fields from the wind",
            summary=(
                "Along the edge of the fields we plant 2 kilometres of sea buckthorn, poplar and "
                "willow, fence them against cattle and water them for three summers."
            ),
            story="""\
The fields of Zhany-Tokoy lie open. In spring the wind carries the dry soil away and buries the \
young crops in sand. Of the poplars that our grandmothers planted about fifteen are left.

# What we plant

Three rows along 2 kilometres of the fields' edge: sea buckthorn outside, willow in the middle, \
poplar inside. 3000 seedlings in all. A fence on both sides keeps the cattle out.

# What will change

Once it has grown, the belt slows the wind over the fields behind it, and the soil dries less. How \
much carbon dioxide the trees take up we do not count yet: in the first years it is little. How many \
seedlings live, we count and write down twice a year.

# Who looks after it

Each street has its own stretch and waters it every ten days in summer. When the sea buckthorn \
bears, half of the berries go to the school's kitchen; the other half is sold to mend the fence.
""",
            details={
                "milestones": [
                    {
                        "title": "The fence stands",
                        "text": "4 km of wire, 400 posts, the holes are dug.",
                    },
                    {
                        "title": "The seedlings are planted",
                        "text": "3000 seedlings, and the receipts for them.",
                    },
                    {
                        "title": "The first summer",
                        "text": "A diary of the watering, the number of living seedlings.",
                    },
                    {"title": "A year later", "text": "Second count and report."},
                ],
                "budget": [
                    "3000 seedlings: sea buckthorn, poplar, willow",
                    "Wire for 4 km of fence",
                    "Hire of a pump, drip hoses",
                    "Forester, training",
                    "Transport, bank fees, report",
                ],
            },
        ),
        "de": Words(
            title="Dschangy-Tokoj: Felder vor dem Wind schützen",
            summary=(
                "Am Feldrand pflanzen wir 2 Kilometer Sanddorn, Pappeln und Weiden, zäunen sie "
                "gegen das Vieh ein und gießen sie drei Sommer lang."
            ),
            story="""\
Die Felder von Dschangy-Tokoj liegen offen. Im Frühling trägt der Wind den trockenen Boden fort und \
deckt die junge Saat mit Sand zu. Von den Pappeln, die unsere Großmütter gepflanzt haben, stehen \
noch etwa fünfzehn.

# Was wir pflanzen

Drei Reihen auf 2 Kilometern Feldrand: außen Sanddorn, in der Mitte Weiden, innen Pappeln. Zusammen \
3000 Setzlinge. Ein Zaun auf beiden Seiten hält das Vieh ab.

# Was sich ändert

Ist der Streifen gewachsen, bremst er den Wind über den Feldern dahinter, und der Boden trocknet \
weniger aus. Wie viel Kohlendioxid die Bäume aufnehmen, zählen wir noch nicht: In den ersten Jahren \
ist es wenig. Wie viele Setzlinge leben, zählen und notieren wir zweimal im Jahr.

# Wer sich kümmert

Jede Straße hat ihr eigenes Stück und gießt es im Sommer alle zehn Tage. Trägt der Sanddorn, geht \
die Hälfte der Beeren an die Schulküche; die andere Hälfte wird verkauft, um den Zaun zu flicken.
""",
            details={
                "milestones": [
                    {
                        "title": "Der Zaun steht",
                        "text": "4 km Draht, 400 Pfosten, die Löcher sind gegraben.",
                    },
                    {
                        "title": "Die Setzlinge sind gepflanzt",
                        "text": "3000 Setzlinge, dazu die Belege.",
                    },
                    {
                        "title": "Der erste Sommer",
                        "text": "Gießtagebuch, Zahl der lebenden Setzlinge.",
                    },
                    {"title": "Ein Jahr später", "text": "Zweite Zählung und Bericht."},
                ],
                "budget": [
                    "3000 Setzlinge: Sanddorn, Pappel, Weide",
                    "Draht für 4 km Zaun",
                    "Miete einer Pumpe, Tropfschläuche",
                    "Förster, Schulung",
                    "Fahrten, Bankgebühren, Bericht",
                ],
            },
        ),
    },
)
