import { Button } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import type { PanelSeries } from '../../../shared/layout.ts'
import classes from './panel-editor.module.css'
import { StreamAndPublisher } from './stream-and-publisher.tsx'

export interface MessageSourcesProps {
  part: string
  onPart(part: string): void
  disabled: boolean
  onAdd(series: PanelSeries): void
}

/** Streams whose messages a log shows. */
export function MessageSources({ part, onPart, disabled, onAdd }: MessageSourcesProps) {
  const [publisher, setPublisher] = useState<string | null>(null)
  return (
    <div className={classes.picker}>
      <StreamAndPublisher part={part} publisher={publisher} onPart={onPart} onPublisher={setPublisher} />
      <Button
        variant="default"
        size="xs"
        leftSection={<IconPlus size={14} />}
        disabled={disabled}
        onClick={() => onAdd({ kind: 'messages', part, publisher })}
      >
        Add its messages
      </Button>
    </div>
  )
}
