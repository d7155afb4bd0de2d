import { type RefObject, useEffect, useState } from 'react'

/** Hides the groups of settings in which nothing is called what is looked for; says how many are left. */
export function useSettingsSearch(content: RefObject<HTMLElement | null>, term: string): number | null {
  const [found, setFound] = useState<number | null>(null)
  useEffect(() => {
    const element = content.current
    if (element === null) return
    const wanted = term.trim().toLowerCase()
    const look = () => {
      const groups = [...element.querySelectorAll<HTMLElement>(':scope > section')]
      let left = 0
      for (const group of groups) {
        const isFound = wanted === '' || wordsOf(group).includes(wanted)
        group.hidden = !isFound
        if (isFound) left += 1
      }
      setFound(wanted === '' ? null : left)
    }
    look()
    // Groups fill when the node has answered.
    const watch = new MutationObserver(look)
    watch.observe(element, { childList: true, subtree: true, characterData: true })
    return () => watch.disconnect()
  }, [content, term])
  return found
}

/** Everything a group says: its text, and the names of its controls. */
function wordsOf(group: HTMLElement): string {
  const names = [...group.querySelectorAll('[aria-label], input[placeholder]')].map(
    (control) => `${control.getAttribute('aria-label') ?? ''} ${control.getAttribute('placeholder') ?? ''}`,
  )
  return `${group.textContent ?? ''} ${names.join(' ')}`.toLowerCase()
}
