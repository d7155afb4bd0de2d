/**
 * Bounds of one Streamr message. They are checked before anything is allocated from the value they bound, so a
 * hostile length costs nothing.
 */

/** Largest message in bytes: what Streamr's own connections carry (1 MiB). */
export const MAX_MESSAGE_BYTES = 1_048_576

/** Longest stream id in UTF-8 bytes; the registry's ids are an owner (42 characters or an ENS name) and a path. */
export const MAX_STREAM_ID_BYTES = 1_024

/** Longest message chain id in UTF-8 bytes; the SDK makes 20 characters. */
export const MAX_CHAIN_ID_BYTES = 256

/** Longest publisher id in bytes: an ML-DSA-87 public key has 2,592, the longest there is. */
export const MAX_PUBLISHER_ID_BYTES = 2_592

/** Longest signature in bytes: ML-DSA-87 has 4,627; an ERC-1271 contract may ask for a few signatures in one. */
export const MAX_SIGNATURE_BYTES = 16_384

/** Longest id of a group key or of a key request, in UTF-8 bytes; the SDK makes 22 to 36 characters. */
export const MAX_KEY_ID_BYTES = 256

/** Longest encrypted group key or public key of a key exchange, in bytes; ML-KEM-1024 has 1,568. */
export const MAX_KEY_DATA_BYTES = 8_192

/** Most group keys one key request or response may carry. */
export const MAX_GROUP_KEYS = 1_024

/** Highest partition number: a stream has at most 100 partitions. */
export const MAX_PARTITION = 99

/** Sequence numbers are int32 on the wire. */
export const MAX_SEQUENCE = 2_147_483_647

/** Latest timestamp, ms since the epoch: the last instant a JavaScript `Date` can name, year 275760. */
export const MAX_TIMESTAMP_MS = 8_640_000_000_000_000

/** Most fields unknown to us in one protobuf message; more is a flood, not a newer version. */
export const MAX_UNKNOWN_FIELDS = 64

/** Content beyond this many bytes is stored and verified but not parsed: its fields are not found. */
export const MAX_JSON_BYTES = 262_144

/** Deepest nesting and most values of JSON that is parsed: beyond them one message could cost several milliseconds. */
export const MAX_JSON_DEPTH = 64
export const MAX_JSON_VALUES = 16_384

/** Most fields found in one message: as many as a stream part indexes. */
export const MAX_FIELDS_PER_MESSAGE = 256

/** Deepest field, counted in keys from the root of the content. */
export const MAX_FIELD_DEPTH = 8

/** Elements of one array that become fields; later ones are counted as left out. */
export const MAX_FIELD_ARRAY_LENGTH = 128

/** Longest path of a field, in UTF-16 units. */
export const MAX_FIELD_PATH_LENGTH = 256

/** Longest text that counts as a state, in UTF-16 units; longer text is prose and is left out. */
export const MAX_FIELD_TEXT_LENGTH = 256

/** Content of at most this many bytes is shown whole in a table row; of more, the beginning. */
export const MAX_ROW_CONTENT_BYTES = 4_096

/** Bytes shown of content that is long, encrypted or binary. */
export const ROW_EXCERPT_BYTES = 256
