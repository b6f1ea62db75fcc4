"""The classes of the glyph network: kanji first of all, and what stands between them on a line.

Kanji of JIS X 0208 level 1 (2,965), those of level 2 that occur in Japanese addresses, and some hundred of level 2 that
names and everyday words hold; all kana, digits, Latin letters and the signs of ordinary writing.
"""

from ocr.recognisers.cell_alphabets import CHARACTERS as CELL_CHARACTERS
from ocr.recognisers.cell_alphabets import OTHER, STRUCK


def _level_one() -> str:
    """Return the kanji of JIS X 0208 level 1 in code order (Shift_JIS 889F to 9872)."""
    codes = (
        code.to_bytes(2, "big")
        for code in range(0x889F, 0x9873)
        if code & 0xFF not in (0x7F, 0xFD, 0xFE, 0xFF)
    )
    return "".join(code.decode("shift_jis") for code in codes if code[1] >= 0x40)


LEVEL_ONE = _level_one()
BEYOND_LEVEL_ONE = (
    "丼乘乢亞亟仗佛來侈侑俎俐假傲傳僞價儉儘兀兒冑凉凛凜凰刎刹剩剪剱劍劔勁勒勳卷參叺呰咎咒哺啼喩單嗅嗚嗽嘔噤嚥嚴囃圈國圓團圦圷坏垈垪垰垳埓埖埣堯塒墹壗壘壞壟壯壹壺壽夥奧奬娚媚孃孑孕孵"
    "寢實將專屎屏岫岻岼峅峇峩峽崗嶌嶬嶽巫已帶帷幇幟廣廳弩彈彌彗彙彷徘從徠徨忰恆恍恣悸惠惡惧愼慄慥憔憬應懷懺戈戌戰戲扣抓拂拉拔拗拜拮挾捏掉掎掟搖搗搜搦摯撥據擲擶攝攣攪攫收效敍敲旛旱昊"
    "昴晄晏晝晟暉暘曉曖曰曼朦朧朶杁杙杞杠杣杤杼枅枋枌枡枦枳柞柤柧栞栩栫桙桴桷桾梛條梵梹梺棘棡棯椌椒椚椡椣椥椰椹楔楜楡楪楮楷榑榧榮榴榿槁槇槐樂樅樒樛樣樮橇橙橦橲檜檢檪檮櫃櫟櫻殲毀毫氣"
    "沁沮泄泓泗泙泪洵洸淞淨渕渭渾湫溪滉滕滯滲漱漲潭潴澁澤澪澳濕濤濱瀉炬炮烙烟煌熈熙熨燎燒燧燻燿爛爭爲爼犢狄狢狹猥猩猯猴猾獸獺玻珀珈珸琥瑁瑕瑤瑶璧甕甸畉畭當疊瘍瘤瘻癇癸皀皓皷皺盜盡眞"
    "眸睨睫瞑矼砒硴碆碎磑磧礒礫礬祓祕祗祟祠禪禮秣秬稟稠稱稻穗穢窕竄竈笂笄笊笋笏笙筌筍筐筥筬筱筵箋箒箙箟篝篶簑簗籏籔籟籠粭粹糀糒糘糯糺絆綣綸綺綽緤緻縊縢縣縱繃繩纒纖罧罹羚羞羹翔翳耆耻"
    "聚聽胄胱脛脩腋腱膀膣膵臀臍臘臟舂與舮舳舸艀艘艱芒芻苞苣苺茉茗茫茱莅莇莉莊莎莖莚莢莨莪莵菫菴萠萢萬萸萼葭葹蒄蓼蔔蕷蕾薇薊薑薔藏藝藥藪藺蘂蘆虔蚫蛉蛛蛯蜆蜑蜷蜻蝮蝸螂螢蟆蟇蟠蟷蠅蠣衙"
    "衞衲衾袰裔裝褥覽觜訃訝訶詢詭誂諄諧諫謗謠謳譚讓貪貳貶賣賤賽贄赳趾跿踪躁躇躊躓躬躰軋輻轆轉轌轤辣迪逞遙遽邇邉邊郛酘醉釀釉釛釼釿鈑鈩鉈鉋鉗鋏鋺錮錺鍜鎭鏃鏥鐇鐺鑄鑪閂閖閨閻閾陋陦陷隕"
    "險雜雹霄霙靂靄靜靱鞁鞆鞦頌頤頷頸顆顯顰颪颯飜飫餃餉餘餠饂饅饌饒駛駝駮騙騷驗驫髮髷鬘鬚鬮鬱鮖鮠鮨鯆鯏鯰鯲鰄鰈鰔鰕鰤鰺鱸鳧鳰鴉鵤鵯鵲鵺鶇鶉鶚鶯鷄鷆麁麒麩麸黎默黴鼈鼡齊齋齟齧齬"
)
"""Kanji of JIS level 2 in the addresses of Japan Post's postal codes, in names and in everyday words."""

MORE = "﨑髙濵々〆"
"""Name kanji that are in no JIS level, and the signs that stand among kanji."""

KANJI = LEVEL_ONE + BEYOND_LEVEL_ONE + MORE
SIGNS = "、。・「」（）/:?!%&@+=〒※○△×"
"""Signs of ordinary writing."""

GLYPHS = tuple(dict.fromkeys((*KANJI, *CELL_CHARACTERS, *SIGNS)))
GLYPH_CLASSES = (*GLYPHS, STRUCK, OTHER)
"""Output order of the glyph network; kept in its description file too, and compared when it is loaded."""
