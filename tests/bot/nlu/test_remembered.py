"""Short texts are remembered, long ones are not."""

from bot.nlu.remembered import Remembered


def test_a_word_is_computed_once_and_a_long_text_each_time() -> None:
    computed: list[str] = []

    def compute(text: str) -> int:
        computed.append(text)
        return len(text)

    length = Remembered(compute)
    long = "a" * 41
    assert [length("mot"), length("mot"), length(long), length(long)] == [3, 3, 41, 41]
    assert computed == ["mot", long, long]
    length.forget()
    assert length("mot") == 3
    assert computed[-1] == "mot"
