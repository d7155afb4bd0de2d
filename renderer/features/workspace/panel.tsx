import { ActionIcon, Menu, Tooltip } from '@mantine/core'
import {
  IconCopy,
  IconDotsVertical,
  IconGripVertical,
  IconLayoutColumns,
  IconPencil,
  IconPhoto,
  IconTrash,
  IconVectorBezier2,
} from '@tabler/icons-react'
import { type KeyboardEvent, memo, useMemo, useRef } from 'react'
import type { Panel as PanelModel } from '../../../shared/layout.ts'
import { panelUnit } from '../../ui/chart/unit-format.ts'
import { PlainText, visibleText } from '../../ui/plain-text.tsx'
import { AlertMenu, createPanelAlertView } from './alert-menu.tsx'
import type { Direction } from './layout-edit.ts'
import { Legend, type LegendHandle } from './legend.tsx'
import classes from './panel.module.css'
import { PanelBody } from './panel-body.tsx'
import type { PictureKind } from './panel-picture.ts'
import { unitOfPanel } from './panel-unit.ts'
import { useWorkspace } from './workspace-context.ts'

export interface PanelActions {
  edit(id: string): void
  split(id: string): void
  duplicate(id: string): void
  remove(id: string): void
  move(id: string, direction: Direction): void
  resize(id: string, direction: Direction): void
  savePicture(panel: PanelModel, unit: string | null, kind: PictureKind): void
}

export interface PanelProps {
  panel: PanelModel
  actions: PanelActions
  /** The layout takes no further panel. */
  isFull: boolean
}

const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
}

/** Kinds that can be saved as a picture. */
const PICTURED = new Set<PanelModel['kind']>(['line', 'area', 'states', 'heatmap', 'histogram', 'gauge'])
/** Kinds on whose time axis alerts are drawn. */
const WITH_ALERTS = new Set<PanelModel['kind']>(['line', 'area', 'states', 'heatmap'])
/** Kinds whose lines are named above them. */
const WITH_LEGEND = new Set<PanelModel['kind']>(['line', 'area'])

/** One panel of the workspace: its name, its menu, and what it shows. */
export const Panel = memo(function Panel({ panel, actions, isFull }: PanelProps) {
  const { schemaOf } = useWorkspace()
  const legend = useRef<LegendHandle>(null)
  const alerts = useMemo(createPanelAlertView, [])
  const title = visibleText(panel.title) || 'Panel'
  const unit = unitOfPanel(panel, schemaOf)
  const shownUnit = panelUnit(unit)

  function onGripKey(event: KeyboardEvent): void {
    const direction = DIRECTIONS[event.key]
    if (direction === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    if (event.shiftKey) actions.resize(panel.id, direction)
    else actions.move(panel.id, direction)
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <section className={classes.panel} aria-label={title}>
      <header className={`${classes.header} panel-drag`}>
        <Tooltip label="Drag, or move by arrow keys; with Shift they resize" openDelay={600}>
          <button
            type="button"
            className={classes.grip}
            aria-label={`Move ${title}`}
            aria-description="Arrow keys move the panel, with Shift they resize it"
            onKeyDown={onGripKey}
          >
            <IconGripVertical size={14} aria-hidden />
          </button>
        </Tooltip>
        <h2 className={classes.title}>
          <PlainText>{title}</PlainText>
        </h2>
        {shownUnit === null ? null : <span className={classes.unit}>{visibleText(shownUnit)}</span>}
        {WITH_LEGEND.has(panel.kind) ? <Legend ref={legend} schemaOf={schemaOf} unit={unit} /> : null}
        {WITH_ALERTS.has(panel.kind) ? <AlertMenu title={title} view={alerts} /> : null}
        <Menu position="bottom-end" width={190} withinPortal>
          <Menu.Target>
            <ActionIcon
              variant="subtle"
              color="gray"
              size={22}
              className={`${classes.menu} panel-still`}
              aria-label={`Menu of ${title}`}
            >
              <IconDotsVertical size={14} />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Item leftSection={<IconPencil size={14} />} onClick={() => actions.edit(panel.id)}>
              Edit…
            </Menu.Item>
            <Menu.Item
              leftSection={<IconLayoutColumns size={14} />}
              disabled={isFull}
              onClick={() => actions.split(panel.id)}
            >
              Split
            </Menu.Item>
            <Menu.Item
              leftSection={<IconCopy size={14} />}
              disabled={isFull}
              onClick={() => actions.duplicate(panel.id)}
            >
              Duplicate
            </Menu.Item>
            {PICTURED.has(panel.kind) ? (
              <>
                <Menu.Divider />
                <Menu.Item
                  leftSection={<IconPhoto size={14} />}
                  onClick={() => actions.savePicture(panel, unit, 'png')}
                >
                  Save as PNG
                </Menu.Item>
                <Menu.Item
                  leftSection={<IconVectorBezier2 size={14} />}
                  onClick={() => actions.savePicture(panel, unit, 'svg')}
                >
                  Save as SVG
                </Menu.Item>
              </>
            ) : null}
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconTrash size={14} />}
              color="danger"
              onClick={() => actions.remove(panel.id)}
            >
              Remove
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </header>
      <PanelBody panel={panel} title={title} unit={unit} legend={legend} alerts={alerts} />
    </section>
  )
})
