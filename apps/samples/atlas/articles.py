"""What the sample feeds publish: sources and articles."""

from typing import NamedTuple

from apps.samples.world import pick


class Feed(NamedTuple):
    """A source: key, display name, kind, category, language, topic of its articles."""

    key: str
    name: str
    kind: str
    category: str
    language: str | None
    topic: int


FEEDS = (
    Feed("lab-notes", "lab-notes", "rss_feed", "official_research", "en", 0),
    Feed("rss_example_1", "示例科技新闻", "rss_feed", "news", "zh", 1),
    Feed("data-weekly", "data-weekly", "rss_feed", "newsletter", None, 2),
    Feed("open-archive", "Open Archive", "api", "papers", "en", 0),
    Feed("city-daily", "城市日报", "website", "news", "zh-CN", 3),
    Feed("ml-digest", "ml-digest", "rss_feed", "newsletter", "en", 2),
    Feed("rss_example_2", "示例博客", "rss_feed", "blog", "zh", 1),
    Feed("space-log", "space-log", "website", "blog", None, 4),
    Feed("field-guide", "Field Guide", "file", "reference", "en", 4),
    Feed("policy-watch", "policy-watch", "rss_feed", "policy", "en", 3),
    Feed("mirror-db", "mirror-db", "database", "reference", None, 2),
    Feed("arab-tech", "أخبار التقنية", "rss_feed", "news", "ar", 1),
)

TITLES = (
    ("Small models, careful data", "A reading list on retrieval", "小模型也能读长文"),
    ("新芯片的能耗降低三成", "开源社区的一年", "Weekly round-up: tools and toys"),
    ("Ten queries that teach you SQL", "从表格到向量：数据库笔记", "When an index helps and when not"),
    ("旧城区的公交改线方案公布", "市民讨论图书馆夜间开放", "Council votes on bicycle lanes"),
    ("A comet for patient eyes 🔭", "火星车的第一千天", "How to read a weather map"),
)
PARAGRAPHS = (
    (
        "The team trained on half the data and lost nothing that a reader would notice.",
        "检索增强之后，模型引用原文的次数明显增多。",
        "Every figure can be repeated from the published notebook.",
    ),
    (
        "记者从发布会了解到，量产计划在明年春季。",
        "The maintainers thank 214 contributors; most patches were three lines.",
        "下一篇我们会拆开来看。",
    ),
    (
        "An index is a promise about order; pay for it when you write, gain when you read.",
        "把 1,536 维的向量放进普通的表里，并没有想象中困难。",
        "Measure before you believe this article.",
    ),
    (
        "改线后，早高峰的平均候车时间预计缩短 4 分钟。",
        "Opponents asked for a trial period of six months.",
        "意见征集将持续到月底。",
    ),
    (
        "Look west, an hour after sunset, with nothing but patience.",
        "它传回的照片里，山脊像被风梳过一样。",
        "Clouds are the only serious obstacle.",
    ),
)


def title(topic: int, number: int) -> str:
    """Headline of an article."""
    head = pick(TITLES[topic], number)
    return f"{head} ({number // 3})" if number >= 3 else head


def body(topic: int, number: int) -> str:
    """Text of an article: one to three paragraphs of its topic."""
    lines = [PARAGRAPHS[topic][(number + step) % 3] for step in range(1 + number % 3)]
    return "\n\n".join(lines)
