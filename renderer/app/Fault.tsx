import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { Notice } from '../parts/Notice.tsx';

interface State {
  readonly error: Error | null;
}

/** Stands in for a page that could not be shown, such as one whose code is not there after an update. */
export class Fault extends Component<{ readonly children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <Notice title="This page could not be shown">
        {error.message}{' '}
        <Button size="compact-sm" onClick={() => location.reload()}>
          Reload
        </Button>
      </Notice>
    );
  }
}
