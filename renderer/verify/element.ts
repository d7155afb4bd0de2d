/** An element with texts and elements in it. Texts are only ever texts. */
export function element(name: string, ...children: (string | Node)[]): HTMLElement {
  const made = document.createElement(name)
  made.append(...children)
  return made
}

/** A table with a head. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement {
  return element(
    'table',
    element('thead', element('tr', ...head.map((text) => element('th', text)))),
    element('tbody', ...rows.map((row) => element('tr', ...row.map((text) => element('td', text))))),
  )
}

export function utc(timestampMs: number): string {
  return new Date(timestampMs).toISOString()
}

export function count(value: number): string {
  return value.toLocaleString('en')
}
