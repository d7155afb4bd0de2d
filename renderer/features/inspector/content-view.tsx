import { formatSize } from '../../../shared/format/quantity.ts'
import type { MessageInspection } from '../../../shared/inspection.ts'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Fold } from '../../ui/fold.tsx'
import { HexView } from '../../ui/hex-view.tsx'
import classes from './content-view.module.css'
import { Code } from './facts.tsx'

const KIND_WORDS: Record<MessageInspection['contentKind'], string> = {
  json: 'JSON',
  text: 'text',
  binary: 'binary',
  encrypted: 'encrypted',
}

/** What the publisher said, decoded. */
export function ContentView({ inspection }: { inspection: MessageInspection }) {
  const { contentKind, contentText, contentTextTruncated, groupKeyId } = inspection
  const isHex = contentKind === 'binary' || contentKind === 'encrypted'
  return (
    <Fold title="Content" note={`${KIND_WORDS[contentKind]}, ${formatSize(inspection.sizeBytes)} in all`}>
      {groupKeyId === null ? null : (
        <p className={classes.note}>
          Encrypted with group key <Code>{groupKeyId}</Code>. It is kept and verified as it is.
        </p>
      )}
      {isHex ? <HexView hex={contentText} label="Content of the message" /> : <Lines text={contentText} />}
      <div className={classes.foot}>
        <span>{contentTextTruncated ? 'The beginning only; the proof file holds all of it.' : ''}</span>
        <CopyButton value={contentText} what="the content" />
      </div>
    </Fold>
  )
}

/** Name of a JSON member at the beginning of a line, with the space before it. */
const MEMBER = /^(\s*)("(?:[^"\\]|\\.)*")(:.*)$/su

/** Indented JSON with its names set back, so that values are what meets the eye. */
function Lines({ text }: { text: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard
    <section className={classes.text} tabIndex={0} aria-label="Content of the message">
      <bdi>
        {text.split('\n').map((line, index) => {
          const member = MEMBER.exec(line)
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines of one text have no other name
            <span key={index} className={classes.line}>
              {member === null ? (
                line
              ) : (
                <>
                  {member[1]}
                  <span className={classes.member}>{member[2]}</span>
                  {member[3]}
                </>
              )}
              {'\n'}
            </span>
          )
        })}
      </bdi>
    </section>
  )
}
