/** An element with texts and elements in it. Texts are only ever texts. */
export function element(name: string, ...children: (string | Node)[]): HTMLElement {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

/** A column by its title; `number` stands at the right, `code` may break anywhere, `time` and `word` never do. */
export type Head = readonly [title: string, kind?: 'number' | 'code' | 'time' | 'word' | 'text']

/** A table with a head, in a frame that scrolls where it is wider than the page. */
export function table(
  label: string,
  head: readonly Head[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const cell = (name: string, text: string, at: number): HTMLElement => {
    const made = element(name, text)
    made.dataset.kind = head[at]?.[1] ?? 'text'
    return made
  }
  const frame = element(
    'div',
    element(
      'table',
      element('thead', element('tr', ...head.map(([title], at) => cell('th', title, at)))),
      element('tbody', ...rows.map((row) => element('tr', ...row.map((text, at) => cell('td', text, at))))),
    ),
  )
  frame.className = 'frame'
  // What scrolls has to be reached by the keyboard.
  frame.tabIndex = 0
  frame.setAttribute('role', 'region')
  frame.setAttribute('aria-label', label)
  return frame
}

/** To the millisecond, in UTC; a dash for what is no moment. */
export function utc(timestampMs: number): string {
  const date = new Date(timestampMs)
  return Number.isNaN(date.getTime()) ? '–' : date.toISOString().replace('T', ' ')
}

export function count(value: number): string {
  return value.toLocaleString('en')
}
