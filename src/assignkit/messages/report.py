"""What comparisons of policies, and the costs of rules, say."""

from __future__ import annotations

from collections.abc import Mapping

from assignkit.messages.text import Entry

MESSAGES: Mapping[str, Entry] = {
    # the lines of a comparison
    "mean_wait": ("mean wait", "平均等待"),
    "p90_wait": ("nine in ten wait at most", "九成等待不超过"),
    "probability_of_wait": ("have to wait", "需要等待的比例"),
    "service_level": ("begun within {target}", "{target} 内开始处理"),
    "served": ("served", "得到处理的比例"),
    "abandonment": ("gave up waiting", "放弃等待的比例"),
    "match_quality": ("skill of who serves", "处理人的技能"),
    "utilisation": ("time at work", "工作时间占比"),
    "jain": ("Jain's index", "Jain 公平指数"),
    "gini": ("Gini", "基尼系数"),
    "beyond_chance": ("* differs from {policy} beyond chance", "* 与 {policy} 的差别不是偶然"),
    # the report as a page
    "policies_compared": ("Policies compared", "方案对比"),
    "points": ("{points:.1f} points", "{points:.1f} 个百分点"),
    "better_by": ("better by {by}", "好 {by}"),
    "worse_by": ("worse by {by}", "差 {by}"),
    "no_difference": ("no difference seen", "看不出差别"),
    "caption_waits": (
        "The part of items that waited longer than each time; lower is better.",
        "等待超过各时长的比例；越低越好。",
    ),
    "caption_load": (
        "Items that each agent served, on average over the replications.",
        "每名员工处理的条数，各次模拟的平均。",
    ),
    "caption_fairness": (
        "Jain's index of the items per agent so far; 1 is even.",
        "到目前为止各员工条数的 Jain 公平指数；1 表示完全均等。",
    ),
    "caption_gains": ("Items per agent, compared with the first policy.", "每名员工的条数，与第一个方案相比。"),
    "picture_waits": ("Who waits longer than …", "等待超过……的比例"),
    "picture_fairness": ("How even: Jain's index so far", "有多均等：到目前为止的 Jain 公平指数"),
    "picture_load": ("Items per agent", "每名员工的条数"),
    "picture_load_first": (
        "Items per agent (the first {shown} of {agents})",
        "每名员工的条数（{agents} 名中的前 {shown} 名）",
    ),
    "picture_gains": ("Who gains and who loses against {first}", "与 {first} 相比，谁多了谁少了"),
    "seconds": ("seconds", "秒"),
    "minutes": ("minutes", "分钟"),
    "hours": ("hours", "小时"),
    "days": ("days", "天"),
    "items_against": ("Items per agent: {policy} against {first}", "每名员工的条数：{policy} 与 {first} 相比"),
    "agent": ("agent", "员工"),
    "change": ("change", "变化"),
    "how_found": ("How this was found", "这些结果怎么来的"),
    "items": ("items", "条数"),
    "agents": ("agents", "员工"),
    "warm_up": ("warm-up", "预热"),
    "seed": ("seed", "种子"),
    "method": ("method", "方法"),
    "about_items": ("{items:,}", "{items:,}"),
    "about_items_again": ("{items:,}, {rounds} times over", "{items:,}，重复 {rounds} 次"),
    "not_counted": ("{seconds:g} s that do not count", "{seconds:g} 秒，不计入"),
    "none": ("none", "无"),
    "same_items": (
        "each policy served the same items; agents work on one item at a time",
        "各方案处理同样的客户或任务；员工一次处理一条",
    ),
    "foot_repeated": (
        (
            "“±” is the half width of a 95\u00a0% confidence interval over the replications. All policies were given "
            "the same items, so that differences are compared pair by pair. A coloured value differs from the first "
            "policy beyond chance."
        ),
        (
            "“±”是各次模拟的 95\u00a0% 置信区间的一半宽度。各方案处理的是同样的客户或任务，因此差别逐对比较。"
            "带颜色的数值与第一个方案的差别不是偶然。"
        ),
    ),
    "foot_once": (
        "The items were served once, as they came: what differs may be chance.",
        "按实际到达只处理了一次：差别可能是偶然。",
    ),
    "foot_fairness": (
        ("Jain's index and Gini count agents who got nothing; the Gini coefficient is that of a whole population."),
        "Jain 公平指数和基尼系数都计入一条也没有的员工；基尼系数按总体计算。",
    ),
    # what a manager wants to know first
    "nobody_served": ("Nobody was served under any policy.", "任何方案下都没有得到处理的。"),
    "all_the_same": (
        "Waits are the same under all policies: {wait} on average.",
        "各方案的等待一样：平均 {wait}。",
    ),
    "all_the_same_once": (
        "Waits are the same under all policies: {wait} on average. One run says nothing of chance.",
        "各方案的等待一样：平均 {wait}。只跑一次看不出偶然性。",
    ),
    "on_record": (
        "On this record “{best}” has the shortest waits: {wait} on average. One run says nothing of chance.",
        "按这份记录，“{best}”等待最短：平均 {wait}。只跑一次看不出偶然性。",
    ),
    "on_record_less": (
        (
            "On this record “{best}” has the shortest waits: {wait} on average, {less:.0%} less than “{first}”. "
            "One run says nothing of chance."
        ),
        "按这份记录，“{best}”等待最短：平均 {wait}，比“{first}”少 {less:.0%}。只跑一次看不出偶然性。",
    ),
    "first_is_best": (
        "“{first}” has the shortest waits, {wait} on average.",
        "“{first}”等待最短，平均 {wait}。",
    ),
    "first_is_surely_best": (
        "“{first}” has the shortest waits, {wait} on average; no other does as well.",
        "“{first}”等待最短，平均 {wait}；其他方案都不如它。",
    ),
    "first_may_be_best": (
        "“{first}” has the shortest waits, {wait} on average; others may do as well.",
        "“{first}”等待最短，平均 {wait}；其他方案可能一样好。",
    ),
    "none_is_better": (
        "No policy is shown to have shorter waits than “{first}” ({wait}).",
        "没有哪个方案能确定比“{first}”（{wait}）等待更短。",
    ),
    "is_better": (
        "“{best}” has the shortest waits: {wait} on average, {less:.0%} less than “{first}” (saving {low} to {high}).",
        "“{best}”等待最短：平均 {wait}，比“{first}”少 {less:.0%}（节省 {low} 到 {high}）。",
    ),
    "serves_less": (
        "{told} But “{best}” serves {part:.1%}, “{most}” {whole:.1%}: the waits are those of what is served.",
        "{told}但“{best}”只处理了 {part:.1%}，“{most}”处理了 {whole:.1%}：没有得到处理的不计入等待。",
    ),
    # what speaks against estimates of a backtest
    "no_chances": (
        "none of {decisions:,} decisions has its chance on record",
        "{decisions:,} 次分配都没有记下当时的概率",
    ),
    "some_chances": (
        "only {known:,} of {decisions:,} decisions has its chance on record",
        "{decisions:,} 次分配里只有 {known:,} 次记下了当时的概率",
    ),
    "never_drawn": (
        "none of {decisions:,} decisions was drawn: each agent was certain to be chosen",
        "{decisions:,} 次分配都不是抽取的：每次都必定选中那名员工",
    ),
    "not_weighed": (
        (
            "{reason}: nobody can say what another choice would have brought; the model's estimate assumes that agents "
            "do as well with other items as with theirs"
        ),
        "{reason}：没人能说换个人会怎样；model 一行假设员工处理别人的客户或任务与处理自己的一样好",
    ),
    "few_effective": (
        (
            "only {effective:,.0f} of {decisions:,} decisions carry the estimate: the new rules seldom choose as "
            "was chosen"
        ),
        "{decisions:,} 次分配里只有 {effective:,.0f} 次对估计有用：新规则很少与当时选同样的人",
    ),
    "one_makes": ("one single decision makes {part:.0%} of the estimate", "单独一次分配就占估计的 {part:.0%}"),
    "never_made": (
        "{part:.0%} of the new choices were never made on record, and cannot be judged from it",
        "新的选择里有 {part:.0%} 在记录中从未出现过，无法据此判断",
    ),
    "weights_average": (
        (
            "the weights average {mean:.2f} instead of 1: the chances on record are wrong, or it left some of the new "
            "choices no chance at all"
        ),
        "权重平均是 {mean:.2f} 而不是 1：记下的概率不对，或者当时有些新选择根本没有机会",
    ),
    # why a condition is tried by itself
    "reads_time": ("it reads the time", "它要看时间"),
    "too_many_alternatives": ("it has more alternatives than are split", "它的分支太多，没有拆开"),
    "reads_other": ("it reads the {root}, not the item alone", "它不只看客户或任务，还看 {root}"),
    "owner_outside": ("who owns the item is known outside of it", "负责人是谁不在客户或任务里"),
    "several_fields": ("it reads several fields at once", "它同时看几个字段"),
    "computes": ("it computes a value first", "它要先计算"),
    "looks_inside": ("`{operator}` looks inside the text", "`{operator}` 要看文本里面"),
    "one_beginning": ("of several beginnings, one is looked up", "几个开头里只查一个"),
    "excluded_beginning": ("a beginning that is excluded is not looked up", "排除的开头不查"),
    "one_key": (
        "of several keys, or a key with a level, one key is looked up",
        "几个键或带等级的键里只查一个",
    ),
    "excluded_list": ("what a list must not hold is not looked up", "列表不能含有的不查"),
    "too_many_values": ("more numbers or dates than are split", "数字或日期太多，不再拆分"),
    "excluded_values": ("numbers and dates that a list excludes are not looked up", "列表排除的数字和日期不查"),
    "too_many_digits": ("a number of so many digits is not looked up", "位数这么多的数字不查"),
}
