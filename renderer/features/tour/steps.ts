/** One thing the tour points at, by a selector of the page. */
export interface TourStep {
  title: string
  words: string
  /** What is pointed at; the middle of the window where it is not there. */
  target: string
}

export const TOUR_STEPS: readonly TourStep[] = [
  {
    title: 'The places',
    words: 'Everything is one press away: the digits go through these places, and ? lists all the keys.',
    target: 'nav[aria-label="Places"]',
  },
  {
    title: 'Streams at a glance',
    words:
      'The Overview has a row for each stream, the worst first: how much comes in, what was verified, and what is wrong.',
    target: '#main',
  },
  {
    title: 'Every point can be questioned',
    words:
      'In the Workspace a click on any point opens its message: who signed it, whether they might, and who else holds it. Lines break where data is missing.',
    target: 'nav[aria-label="Places"] a[href*="workspace"]',
  },
  {
    title: 'Messages, and what is in them',
    words:
      'Messages lists them all, however many: search in contents, set conditions on fields, see what changed, and export exactly what is shown.',
    target: 'nav[aria-label="Places"] a[href*="messages"]',
  },
  {
    title: 'Search and commands',
    words:
      'Streams, layouts, places and everything that can be done, by name. Ctrl K opens it from anywhere.',
    target: 'header [aria-label="Search and commands"], header button',
  },
  {
    title: 'How the node is',
    words:
      'The status bar tells what the node does: chain, neighbours, peers, what is stored. What does not work stands here, with what to do.',
    target: 'footer',
  },
]
