import { shortenMiddle } from '../../shared/format/identifier.ts'
import { visibleText } from './visible-text.ts'

/** A stream part by its owner's first digits and the path, which is what people tell it by; whole on hover. */
export function PartName({ part }: { part: string }) {
  const shown = visibleText(part)
  return <bdi title={shown}>{shortenMiddle(shown, 8, 26)}</bdi>
}
