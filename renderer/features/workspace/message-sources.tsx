import { Button, Select } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { shortenMiddle } from '../../../shared/format/identifier.ts'
import type { PanelSeries } from '../../../shared/layout.ts'
import { useTRPC } from '../../api/provider.tsx'
import { visibleText } from '../../ui/plain-text.tsx'
import classes from './panel-editor.module.css'

const EVERY_PUBLISHER = 'every'

export interface MessageSourcesProps {
  part: string
  onPart(part: string): void
  disabled: boolean
  onAdd(series: PanelSeries): void
}

/** Streams whose messages a log shows. */
export function MessageSources({ part, onPart, disabled, onAdd }: MessageSourcesProps) {
  const trpc = useTRPC()
  const streams = useQuery(trpc.streams.list.queryOptions())
  const publishers = useQuery(trpc.chart.publishers.queryOptions({ part }))
  const [publisher, setPublisher] = useState(EVERY_PUBLISHER)
  return (
    <div className={classes.picker}>
      <Select
        size="xs"
        label="Stream"
        value={part}
        allowDeselect={false}
        searchable
        data={(streams.data ?? []).map((stream) => ({
          value: stream.part,
          label: visibleText(stream.title).slice(0, 80),
        }))}
        onChange={(next) => next !== null && onPart(next)}
      />
      <Select
        size="xs"
        label="Publisher"
        value={publisher}
        allowDeselect={false}
        data={[
          { value: EVERY_PUBLISHER, label: 'Each publisher' },
          ...(publishers.data ?? [])
            .slice(0, 200)
            .map((who) => ({ value: who, label: shortenMiddle(who, 8, 6) })),
        ]}
        onChange={(next) => setPublisher(next ?? EVERY_PUBLISHER)}
      />
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        disabled={disabled}
        onClick={() =>
          onAdd({ kind: 'messages', part, publisher: publisher === EVERY_PUBLISHER ? null : publisher })
        }
      >
        Add its messages
      </Button>
    </div>
  )
}
