/**
 * How messages are sent. `interactive`: offered, and sent when asked for; saves bandwidth where both have much
 * already. `batch`: sent at once; saves a round trip.
 */
export const MVDS_MODES = ['interactive', 'batch'] as const
export type MvdsMode = (typeof MVDS_MODES)[number]
