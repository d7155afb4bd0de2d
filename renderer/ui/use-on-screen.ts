import { type RefObject, useEffect, useState } from 'react'

/** Panels this near to the screen are drawn already, so that scrolling meets them ready. */
const MARGIN = '120px'

/** Whether an element is on screen or about to be. */
export function useOnScreen(target: RefObject<Element | null>): boolean {
  const [isOnScreen, setIsOnScreen] = useState(false)
  useEffect(() => {
    const element = target.current
    if (element === null) return
    const observer = new IntersectionObserver(
      (entries) => setIsOnScreen(entries.at(-1)?.isIntersecting === true),
      { rootMargin: MARGIN },
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [target])
  return isOnScreen
}
