"""Chinese forms of characters that a reader trained on Chinese may output, and the Japanese characters meant.

The bundled reader knows both 徵 and 徴 and often prefers the form that no Japanese keyboard types. The left
characters of this table are in no Japanese office code (not in cp932); the right ones are in JIS X 0208. The
list is our own and deliberately modest: forms that could stand for two Japanese characters of everyday use (发:
発 and 髪) are left out. Where an old form of the same character is in JIS too, both are given, today's form
first: 泽 is 沢, and perhaps 澤.

These are candidates for a reader, not a normalisation: 黃 and 吳 may be the true old form in a person's name, so a
caller that reads names keeps the original as a candidate beside them.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

# Pairs: Chinese form, Japanese form; the first line are old printed forms, the rest simplified ones.
_ONE_FORM = (
    "徵徴 黃黄 吳呉 戶戸 步歩 說説 稅税 脫脱 內内 錄録 產産 查査 值値 每毎 姬姫 娛娯 溫温 虛虚 絕絶 "
    "緣縁 閱閲 晚晩 渴渇 揭掲 东東 马馬 长長 门門 间間 问問 闻聞 书書 车車 话話 语語 贝貝 见見 鱼魚 "
    "鸟鳥 风風 飞飛 页頁 员員 贵貴 费費 贺賀 货貨 资資 购購 贮貯 负負 财財 贡貢 败敗 贫貧 贯貫 贸貿 "
    "赁賃 赏賞 赐賜 质質 顶頂 项項 顺順 预預 领領 颂頌 额額 题題 饭飯 饮飲 饲飼 饰飾 饱飽 银銀 铜銅 "
    "铃鈴 钢鋼 锻鍛 锅鍋 镜鏡 记記 计計 订訂 讨討 训訓 设設 许許 诉訴 评評 词詞 试試 诗詩 详詳 诚誠 "
    "误誤 请請 课課 调調 谈談 谊誼 谋謀 谢謝 谦謙 讲講 识識 议議 护護 论論 认認 诺諾 红紅 约約 级級 "
    "纪紀 纯純 纸紙 纲綱 纳納 组組 细細 终終 绍紹 结結 给給 络絡 统統 绢絹 维維 绵綿 编編 缓緩 缩縮 "
    "缝縫 织織 绩績 线線 练練 军軍 轮輪 辉輝 轨軌 载載 辅輔 达達 远遠 连連 进進 运運 过過 还還 违違 "
    "选選 迁遷 邮郵 阳陽 阴陰 阶階 队隊 陆陸 难難 韩韓 业業 习習 买買 众衆 优優 伟偉 伤傷 侧側 侦偵 "
    "债債 倾傾 偿償 储儲 兰蘭 兴興 冈岡 农農 刚剛 创創 则則 剧劇 动動 务務 势勢 华華 协協 卫衛 启啓 "
    "呜嗚 响響 园園 场場 坟墳 坚堅 执執 块塊 墙牆 备備 头頭 奋奮 妇婦 妈媽 审審 宪憲 宾賓 导導 寻尋 "
    "层層 岁歳 岂豈 岚嵐 岭嶺 师師 帅帥 帐帳 币幣 库庫 庆慶 庐廬 张張 态態 怅悵 忆憶 悬懸 惊驚 惯慣 "
    "户戸 扫掃 扬揚 报報 挥揮 损損 换換 掷擲 敌敵 时時 杨楊 构構 枪槍 标標 树樹 桥橋 榄欖 汉漢 汤湯 "
    "沟溝 泻瀉 洁潔 测測 浆漿 浇澆 润潤 渔漁 灭滅 热熱 焕煥 爱愛 牵牽 狱獄 狮獅 玛瑪 环環 现現 电電 "
    "畅暢 疗療 皱皺 监監 盘盤 码碼 砖磚 础礎 祸禍 积積 穷窮 窑窯 竞競 笔筆 简簡 类類 紧緊 罗羅 罚罰 "
    "职職 联聯 肠腸 肤膚 肾腎 胁脅 节節 莲蓮 萨薩 蓝藍 虏虜 虑慮 虽雖 虾蝦 补補 规規 视視 跃躍 闭閉 "
    "闹鬧 阁閣 阔闊 阅閲 飘飄 驰馳 驻駐 骄驕 骑騎 鲁魯 鲜鮮 鲤鯉 鲸鯨 鸣鳴 鸥鴎 鸭鴨 鸿鴻 鹤鶴 鹰鷹 "
)
# Chinese form, today's Japanese form, old form that JIS X 0208 holds too.
_TWO_FORMS = (
    "乐楽樂 关関關 卖売賣 厅庁廳 县県縣 围囲圍 图図圖 圆円圓 垒塁壘 处処處 对対對 带帯帶 废廃廢 归帰歸 "
    "怀懐懷 战戦戰 择択擇 晓暁曉 杂雑雜 权権權 检検檢 样様樣 欢歓歡 济済濟 满満滿 滨浜濱 灵霊靈 猎猟獵 "
    "稳穏穩 肃粛肅 脑脳腦 艺芸藝 营営營 观観觀 觉覚覺 让譲讓 释釈釋 颜顔顏 驱駆驅 验験驗 骚騒騷 齐斉齊 "
    "龄齢齡 泽沢澤 龙竜龍 读読讀 经経經 铁鉄鐵 变変變 边辺邊 龟亀龜 实実實 应応應 继継繼 续続續 转転轉 "
    "轻軽輕 单単單 严厳嚴 齿歯齒 盐塩鹽 劳労勞 压圧壓 总総總 "
)

JAPANESE_FORMS: Mapping[str, str] = MappingProxyType(
    {entry[0]: entry[1:] for entry in (_ONE_FORM + _TWO_FORMS).split()}
)
"""Chinese form → the Japanese characters it may stand for, the likeliest first."""


def japanese_forms(character: str) -> str:
    """Return the Japanese characters that a Chinese form may stand for, likeliest first; else empty."""
    return JAPANESE_FORMS.get(character, "")


def fold_chinese_forms(text: str, *, keep: Collection[str] = ()) -> str:
    """Return the text with listed Chinese forms as today's Japanese form (徵 → 徴, 泽 → 沢); everything else stays.

    Args:
        text: What a reader put out.
        keep: Characters that the field may truly hold, such as those of its master list; they are left alone.
    """
    return "".join(c if c in keep else JAPANESE_FORMS.get(c, c)[0] for c in text)


def chinese_forms_in(text: str) -> list[tuple[int, str, str]]:
    """Return (position from 1, character, Japanese forms) for every listed Chinese form in the text."""
    return [(n, c, JAPANESE_FORMS[c]) for n, c in enumerate(text, start=1) if c in JAPANESE_FORMS]
