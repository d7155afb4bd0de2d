import { Component, type ReactNode } from 'react'
import { ErrorState } from '../ui/state-views.tsx'

export interface ErrorBoundaryProps {
  /** What cannot be shown when this catches something. */
  place: string
  children: ReactNode
}

/** A defect in one place leaves the rest of the portal standing. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <ErrorState
        title={`${this.props.place} could not be shown`}
        error={{
          code: 'internal',
          message: 'Something went wrong in this part of the window.',
          remedy: 'The node and everything it stored are unaffected. Try again, or reload the window.',
        }}
        onRetry={() => this.setState({ failed: false })}
      />
    )
  }
}
