import { type RefObject, useEffect, useMemo, useState } from 'react'
import type { Panel } from '../../../shared/layout.ts'
import type { ChartFrame } from '../../ui/chart/frame.ts'
import { frames } from '../../ui/chart/window-frames.ts'
import { useOnScreen } from '../../ui/use-on-screen.ts'
import { createPanelSource, type PanelSource, panelWidthClass } from './panel-source.ts'
import { useWorkspace } from './workspace-context.ts'

/** The source of a panel's frames; a panel that is only moved or renamed goes on with what it has read. */
export function usePanelSource(panel: Panel, unit: string | null): PanelSource {
  const { hub, handle, compareMs, marked, alerts } = useWorkspace()
  const key = JSON.stringify([panel.kind, panel.series, panel.min, panel.max, panelWidthClass(panel)])
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key holds what of the panel matters here
  const source = useMemo(
    () => createPanelSource({ panel, unit, handle, hub, compareMs, marked, alerts }),
    [key, unit, handle, hub, compareMs, marked, alerts],
  )
  useEffect(() => () => source.dispose(), [source])
  return source
}

/** What panels without a time axis show is drawn anew at most this often, ms: nobody reads numbers faster. */
const EVERY_MS = 120

/** The newest frame of a panel that draws with React; null until there is one, and still while it is off screen. */
export function usePanelFrame(source: PanelSource, box: RefObject<Element | null>): ChartFrame | null {
  const [frame, setFrame] = useState<ChartFrame | null>(null)
  const isOnScreen = useOnScreen(box)
  useEffect(() => {
    if (!isOnScreen) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const draw = () => setFrame(source.frame(0))
    const request = () => {
      timer ??= setTimeout(() => {
        timer = undefined
        frames.request(draw)
      }, EVERY_MS)
    }
    const leave = source.subscribe(request)
    frames.request(draw)
    return () => {
      leave()
      clearTimeout(timer)
      frames.cancel(draw)
    }
  }, [source, isOnScreen])
  return frame
}
