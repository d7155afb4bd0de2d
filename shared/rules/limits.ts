/** Bounds of rules and alerts that both sides of the border keep. */

/** Rules of one node. */
export const MAX_RULES = 500
/** A rule set as text, in UTF-16 units: five hundred rules with a schema each stay below. */
export const MAX_RULE_SET_LENGTH = 1_048_576
/** Longest id, name and note of a rule. */
export const MAX_RULE_ID_LENGTH = 64
export const MAX_RULE_NAME_LENGTH = 120
export const MAX_RULE_NOTE_LENGTH = 1_000
/** Publishers one rule names. */
export const MAX_RULE_PUBLISHERS = 1_000
/** Channels one rule tells. */
export const MAX_RULE_CHANNELS = 16

/** A JSON Schema in a rule: its text, its nesting, and how many schemas it holds. */
export const MAX_SCHEMA_LENGTH = 32_768
export const MAX_SCHEMA_DEPTH = 16
export const MAX_SCHEMA_NODES = 1_024

/** Shortest and longest time a rule may speak of, ms. */
export const MIN_RULE_TIME_MS = 1_000
export const MAX_RULE_TIME_MS = 30 * 86_400_000
/** Shortest time between two reminders of one alert, ms. */
export const MIN_REPEAT_MS = 60_000

/** Channels of one node, and the length of their names, templates and secrets. */
export const MAX_CHANNELS = 50
export const MAX_CHANNEL_NAME_LENGTH = 80
export const MAX_TEMPLATE_LENGTH = 8_192
export const MAX_SECRET_LENGTH = 2_048
/** Who one mail goes to. */
export const MAX_MAIL_RECIPIENTS = 20

/** Silences that are in force at once, and the longest, ms. */
export const MAX_SILENCES = 200
export const MAX_SILENCE_MS = 90 * 86_400_000

/** Alerts on one page, and marks on one timeline. */
export const MAX_ALERT_PAGE = 200
export const MAX_MARKS = 1_000
