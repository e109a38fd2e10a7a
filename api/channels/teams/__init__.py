"""Microsoft Teams: the same answers, with cards and buttons. Imported only when `BMA_TEAMS_APP_ID` is set.

A request walks: `route` → `activities` (typed) → `verifier` (whose token) → `reception` (one commit in the inbox) → 202.
A worker (`worker`) walks: inbox → the assistant's turn → `cards` → `connector`.
"""
