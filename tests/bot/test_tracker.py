"""Which events count, and the state they give (rasa-compat sections 12 and 13)."""

from bot import events as ev
from bot.project.model import Slot
from bot.tracker import Tracker

SLOTS = {
    "type": Slot("type", "text"),
    "noms": Slot("noms", "list"),
    "page": Slot("page", "text", initial_value="http://page"),
    "requested_slot": Slot("requested_slot", "text", influence_conversation=False),
}


def said(intent: str, text: str = "…") -> ev.UserUttered:
    return ev.UserUttered(text=text, parse_data={"intent": {"name": intent, "confidence": 1.0}, "entities": []})


def did(name: str) -> ev.ActionExecuted:
    return ev.ActionExecuted(name=name)


def names(tracker: Tracker) -> list[str]:
    return [getattr(event, "name", None) or event.type_name for event in tracker.applied]


def test_slots_begin_with_their_initial_value_and_keep_raw_values() -> None:
    tracker = Tracker("x", SLOTS, [ev.SlotSet(name="noms", value="a"), ev.SlotSet(name="inconnu", value=1)])
    assert tracker.slots == {"type": None, "noms": ["a"], "page": "http://page", "requested_slot": None}


def test_session_start_forgets_what_came_before() -> None:
    tracker = Tracker("x", SLOTS, [did("action_listen"), said("a"), ev.SlotSet(name="type", value="po"), ev.SessionStarted()])
    assert tracker.applied == []
    assert tracker.slots["type"] is None
    assert len(tracker.events) == 4


def test_restart_asks_for_a_session_start() -> None:
    tracker = Tracker("x", SLOTS, [did("action_listen"), said("restart"), did("action_restart"), ev.Restarted()])
    assert tracker.followup_action == "action_session_start"
    assert tracker.latest_message is None


def test_rewind_forgets_the_message_its_slots_and_the_listen_before_it() -> None:
    turns = [
        did("action_listen"),
        said("a"),
        did("utter_a"),
        did("action_listen"),
        said("b"),
        ev.SlotSet(name="type", value="po"),
    ]
    tracker = Tracker("x", SLOTS, [*turns, did("action_default_fallback"), ev.UserUtteranceReverted()])
    assert names(tracker) == ["action_listen", "user", "utter_a"]
    assert tracker.slots["type"] is None
    assert tracker.latest_intent == "a"


def test_undo_forgets_the_last_action() -> None:
    tracker = Tracker("x", SLOTS, [did("action_listen"), said("a"), did("utter_a"), ev.BotUttered(text="A"), ev.ActionReverted()])
    assert names(tracker) == ["action_listen", "user"]


def test_happy_loop_keeps_slots_but_not_its_questions() -> None:
    tracker = Tracker(
        "x",
        SLOTS,
        [
            did("action_listen"),
            said("rdv"),
            did("rdv_form"),
            ev.ActiveLoop(name="rdv_form"),
            ev.SlotSet(name="requested_slot", value="type"),
            did("action_listen"),
            said("inform"),
            ev.SlotSet(name="type", value="po"),
            did("rdv_form"),
        ],
    )
    assert names(tracker) == ["action_listen", "user", "rdv_form", "rdv_form", "requested_slot", "type"]
    assert tracker.slots["type"] == "po"


def test_rejected_loop_is_no_happy_loop() -> None:
    start = [
        did("action_listen"),
        said("rdv"),
        did("rdv_form"),
        ev.ActiveLoop(name="rdv_form"),
        did("action_listen"),
        said("autre"),
    ]
    tracker = Tracker("x", SLOTS, [*start, ev.ActionExecutionRejected(name="rdv_form")])
    assert tracker.active_loop is not None
    assert tracker.active_loop.rejected
    tracker.update(did("utter_autre"))
    tracker.update(did("rdv_form"))
    assert names(tracker).count("rdv_form") == 4  # run, active_loop, rejection, run
    tracker.update(said("encore"))
    assert not tracker.active_loop.rejected


def test_json_has_rasas_keys() -> None:
    tracker = Tracker("rest:x", SLOTS, [did("action_listen"), said("a", "Bonjour")])
    body = tracker.to_json()
    assert set(body) == {
        "sender_id", "slots", "latest_message", "latest_event_time", "followup_action", "paused", "events",
        "latest_input_channel", "active_loop", "latest_action", "latest_action_name",
    }  # fmt: skip
    assert body["active_loop"] == {}
    assert [event["event"] for event in body["events"]] == ["action", "user"]
    assert tracker.to_json("NONE")["events"] is None


def test_after_restart_shows_the_current_session() -> None:
    first = [did("action_session_start"), ev.SessionStarted(), did("action_listen"), said("a")]
    tracker = Tracker(
        "x", SLOTS, [*first, did("utter_a"), did("action_session_start"), ev.SessionStarted(), did("action_listen")]
    )
    assert len(tracker.to_json("AFTER_RESTART")["events"]) == 3
    assert len(tracker.to_json("ALL")["events"]) == 8


def test_state_is_rebuilt_from_its_json() -> None:
    events = [
        did("action_listen"),
        said("a"),
        ev.SlotSet(name="type", value="po"),
        ev.BotUttered(text="A", data={"buttons": [{"title": "t"}]}),
    ]
    tracker = Tracker("x", SLOTS, events)
    again = Tracker("x", SLOTS, [ev.event_from_json(body) for body in tracker.to_json()["events"]])
    assert again.to_json() == tracker.to_json()
    assert again.events == tracker.events
