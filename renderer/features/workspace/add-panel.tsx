import { Button, Menu } from '@mantine/core'
import {
  IconChartAreaLine,
  IconChartHistogram,
  IconChartLine,
  IconGauge,
  IconGridDots,
  IconLayoutList,
  IconNumber123,
  IconPlus,
  IconTable,
  IconTimeline,
} from '@tabler/icons-react'
import type { ComponentType } from 'react'
import type { PanelKind } from '../../../shared/layout.ts'

export const KIND_WORDS: Record<
  PanelKind,
  { name: string; purpose: string; icon: ComponentType<{ size?: number }> }
> = {
  line: { name: 'Lines', purpose: 'values over time', icon: IconChartLine },
  area: { name: 'Areas', purpose: 'values over time, from zero', icon: IconChartAreaLine },
  states: { name: 'State timeline', purpose: 'words and switches over time', icon: IconTimeline },
  stat: { name: 'Stat', purpose: 'one value, large', icon: IconNumber123 },
  gauge: { name: 'Gauge', purpose: 'a value between its ends', icon: IconGauge },
  histogram: { name: 'Histogram', purpose: 'how often which value', icon: IconChartHistogram },
  table: { name: 'Table', purpose: 'last, least, mean, greatest', icon: IconTable },
  messages: { name: 'Message log', purpose: 'what came, as it came', icon: IconLayoutList },
  heatmap: { name: 'Heatmap', purpose: 'many series at a glance', icon: IconGridDots },
}

export interface AddPanelProps {
  isFull: boolean
  opened: boolean
  onOpen(opened: boolean): void
  onAdd(kind: PanelKind): void
}

/** A menu of the kinds of panel there are. */
export function AddPanel({ isFull, opened, onOpen, onAdd }: AddPanelProps) {
  return (
    <Menu opened={opened} onChange={onOpen} position="bottom-start" width={290}>
      <Menu.Target>
        <Button variant="default" size="xs" leftSection={<IconPlus size={14} />} disabled={isFull}>
          Panel
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Add a panel</Menu.Label>
        {(Object.keys(KIND_WORDS) as PanelKind[]).map((kind) => {
          const { name, purpose, icon: Icon } = KIND_WORDS[kind]
          return (
            <Menu.Item key={kind} leftSection={<Icon size={15} />} onClick={() => onAdd(kind)}>
              {name} <span style={{ color: 'var(--tm-muted)' }}>{purpose}</span>
            </Menu.Item>
          )
        })}
      </Menu.Dropdown>
    </Menu>
  )
}
