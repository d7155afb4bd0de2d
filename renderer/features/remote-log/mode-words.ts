import type { RemoteLogMode } from '../../../shared/remote-log.ts'

/** What the modes of a log mean to who chooses one. */
export const MODE_WORDS: Record<RemoteLogMode, { label: string; short: string; note: string }> = {
  mixed: {
    label: 'Mixed: the newest in the head, the rest mapped',
    short: 'mixed',
    note: 'The newest messages are there with the first request, the rest are fetched one by one.',
  },
  full: {
    label: 'Full: every message in its page',
    short: 'full',
    note: 'A page brings all its messages: fewest requests for who wants everything.',
  },
  mapped: {
    label: 'Mapped: pages name messages',
    short: 'mapped',
    note: 'Pages are small, and a message that several logs hold is kept once.',
  },
  linked: {
    label: 'Linked list: one message a page',
    short: 'linked list',
    note: 'Simplest, and slowest to read: one request for each message.',
  },
}
