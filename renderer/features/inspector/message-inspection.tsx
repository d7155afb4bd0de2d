import { Button, Tooltip } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconArrowLeft, IconArrowRight, IconDownload } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { MessageInspection } from '../../../shared/inspection.ts'
import type { MessageId } from '../../../shared/message.ts'
import { errorViewOf } from '../../api/error-view.ts'
import { useApi } from '../../api/provider.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { downloadText } from '../../ui/download.ts'
import { useShortcuts } from '../../ui/shortcuts.ts'
import { Time } from '../../ui/time.tsx'
import { ClockMark, VerdictBadge } from '../../ui/verdict.tsx'
import { EvidenceList } from './evidence-list.tsx'
import { InspectionSections } from './inspection-sections.tsx'
import classes from './inspector.module.css'

export interface MessageInspectionViewProps {
  inspection: MessageInspection
  /** The message before is still shown, while the one asked for is on its way. */
  isBehind: boolean
  onOpen(message: { id: MessageId; digest: string | null }): void
}

export function MessageInspectionView({ inspection, isBehind, onOpen }: MessageInspectionViewProps) {
  const { client } = useApi()
  const { id, digest, chain } = inspection
  const previous = chain.previous?.stored === true ? chain.previous.id : null
  const exportProof = useMutation({
    mutationFn: () => client.messages.proof.query({ id, digest }),
    onSuccess: ({ fileName, json }) => downloadText(fileName, json, 'application/json'),
    onError(error) {
      const { message, remedy } = errorViewOf(error)
      notifications.show({
        color: 'danger',
        title: 'The proof could not be made',
        message: `${message} ${remedy}`,
      })
    },
  })
  const goPrevious = () => previous !== null && onOpen({ id: previous, digest: null })
  const goNext = () => chain.next !== null && onOpen({ id: chain.next, digest: null })
  useShortcuts([
    {
      id: 'chain-previous',
      keys: ['k'],
      label: 'Previous message of the chain',
      group: 'Inspector',
      run: goPrevious,
    },
    { id: 'chain-next', keys: ['j'], label: 'Next message of the chain', group: 'Inspector', run: goNext },
    {
      id: 'export-proof',
      keys: ['e'],
      label: 'Export the proof',
      group: 'Inspector',
      run: () => exportProof.mutate(),
    },
  ])
  return (
    <article className={classes.message} data-behind={isBehind || undefined} aria-busy={isBehind}>
      <div className={classes.summary}>
        <div className={classes.verdictLine}>
          <VerdictBadge standing={inspection.verdict} large />
          {inspection.equivocation ? <VerdictBadge standing="equivocation" large /> : null}
          <ClockMark row={inspection} size={18} />
          <span className={classes.walk}>
            <Tooltip label="Previous message of this publisher’s chain (K)">
              <Button
                variant="default"
                size="compact-sm"
                aria-label="Previous message of the chain"
                disabled={previous === null}
                onClick={goPrevious}
              >
                <IconArrowLeft size={15} />
              </Button>
            </Tooltip>
            <Tooltip label="Next message of this publisher’s chain (J)">
              <Button
                variant="default"
                size="compact-sm"
                aria-label="Next message of the chain"
                disabled={chain.next === null}
                onClick={goNext}
              >
                <IconArrowRight size={15} />
              </Button>
            </Tooltip>
          </span>
        </div>
        <p className={classes.sentence}>
          <bdi>{inspection.sentence}</bdi>
        </p>
        <div className={classes.when}>
          <Time at={id.timestamp} />
          <CopyButton value={String(id.timestamp)} what="the time in ms since the epoch" />
        </div>
        <EvidenceList evidence={inspection.evidence} />
        <div className={classes.export}>
          <Button
            leftSection={<IconDownload size={15} />}
            loading={exportProof.isPending}
            onClick={() => exportProof.mutate()}
          >
            Export proof
          </Button>
          <span>
            Anyone can check it offline with <code>tidemark verify</code>.
          </span>
        </div>
      </div>
      <InspectionSections inspection={inspection} onOpen={onOpen} />
    </article>
  )
}
