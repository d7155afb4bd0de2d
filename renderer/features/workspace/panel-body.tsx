import type { RefObject } from 'react'
import type { Panel } from '../../../shared/layout.ts'
import type { PanelAlertView } from './alert-menu.tsx'
import { GaugePanel } from './gauge-panel.tsx'
import { HistogramPanel } from './histogram-panel.tsx'
import type { LegendHandle } from './legend.tsx'
import { LogPanel } from './log-panel.tsx'
import { StatPanel } from './stat-panel.tsx'
import { TablePanel } from './table-panel.tsx'
import { TimePanel } from './time-panel.tsx'

export interface PanelBodyProps {
  panel: Panel
  title: string
  unit: string | null
  legend: RefObject<LegendHandle | null>
  /** What a panel over time has of alerts, for its head. */
  alerts: PanelAlertView
}

/** What a panel shows, by its kind. */
export function PanelBody(props: PanelBodyProps) {
  switch (props.panel.kind) {
    case 'line':
    case 'area':
    case 'states':
    case 'heatmap':
      return <TimePanel {...props} kind={props.panel.kind} />
    case 'stat':
      return <StatPanel {...props} />
    case 'gauge':
      return <GaugePanel {...props} />
    case 'histogram':
      return <HistogramPanel {...props} />
    case 'table':
      return <TablePanel {...props} />
    case 'messages':
      return <LogPanel {...props} />
  }
}
