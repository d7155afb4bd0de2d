import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useMemo, useRef } from 'react'
import { PlainText } from '../../ui/plain-text.tsx'
import {
  duplicatePanel,
  type LayoutEdit,
  movePanel,
  removePanel,
  resizePanel,
  splitPanel,
} from './layout-edit.ts'
import type { PanelActions } from './panel.tsx'
import type { LayoutHandle } from './use-layout.ts'

/** What the menus and keys of panels do. Stays the same object, so that no panel is drawn anew for it. */
export function usePanelActions(
  handle: LayoutHandle | null,
  others: Pick<PanelActions, 'edit' | 'savePicture'>,
): PanelActions {
  const latest = useRef({ handle, others })
  latest.current = { handle, others }
  return useMemo(() => {
    const apply = (edit: LayoutEdit) => latest.current.handle?.apply(edit)
    return {
      edit: (id) => latest.current.others.edit(id),
      savePicture: (...input) => latest.current.others.savePicture(...input),
      split: (id) => apply(splitPanel(id)),
      duplicate: (id) => apply(duplicatePanel(id)),
      move: (id, direction) => apply(movePanel(id, direction)),
      resize: (id, direction) => apply(resizePanel(id, direction)),
      remove(id) {
        const { handle: now } = latest.current
        const title = now?.layout.panels.find((panel) => panel.id === id)?.title || 'The panel'
        apply(removePanel(id))
        const note = notifications.show({
          title: 'Panel removed',
          message: (
            <>
              <PlainText>{title.slice(0, 60)}</PlainText> is gone from this layout.{' '}
              <Button
                size="compact-xs"
                variant="light"
                onClick={() => {
                  now?.session.undo()
                  notifications.hide(note)
                }}
              >
                Undo
              </Button>
            </>
          ),
        })
      },
    }
  }, [])
}
