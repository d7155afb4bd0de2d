import { splitTimes } from './split-times.ts'
import { Time } from './time.tsx'

export interface NodeWordsProps {
  children: string
  className?: string | undefined
}

/** A sentence of the node, isolated from the direction of its surroundings; its times stand in the zone of the portal. */
export function NodeWords({ children, className }: NodeWordsProps) {
  let key = 0
  return (
    <bdi className={className}>
      {splitTimes(children).map((piece) =>
        typeof piece === 'number' ? <Time key={`time ${key++}`} at={piece} /> : piece,
      )}
    </bdi>
  )
}
