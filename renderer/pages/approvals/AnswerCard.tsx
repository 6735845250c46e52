import { useEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { Card } from '../../parts/Card.tsx';
import { useQueryParam } from '../../parts/useQueryParam.ts';

interface Props {
  /** Of the question or the task: the card that the address names (`?show=A-3`) is gone to. */
  readonly id: string;
  readonly label: string;
  readonly onApprove: () => void;
  readonly onRefuse: () => void;
  readonly children: ReactNode;
}

/**
 * A card that is answered by keyboard too: while it has the focus itself, `a` says yes, `d` says no, and the
 * arrows (or `j` and `k`) go to the next and the one before.
 */
export function AnswerCard({ id, label, onApprove, onRefuse, children }: Props) {
  const card = useRef<HTMLDivElement>(null);
  const [named] = useQueryParam('show');
  useEffect(() => {
    if (named === id) card.current?.focus();
  }, [named, id]);
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const { key, target, currentTarget, ctrlKey, metaKey, altKey } = event;
    if (target !== currentTarget || ctrlKey || metaKey || altKey) return;
    if (key === 'a') onApprove();
    else if (key === 'd') onRefuse();
    else if (key === 'ArrowDown' || key === 'j') focusCard(currentTarget, 1);
    else if (key === 'ArrowUp' || key === 'k') focusCard(currentTarget, -1);
    else return;
    event.preventDefault();
  };
  return (
    <Card
      ref={card}
      role="article"
      aria-label={label}
      aria-keyshortcuts="a d j k"
      tabIndex={0}
      data-answer-card
      onKeyDown={onKeyDown}
    >
      {children}
    </Card>
  );
}

/** Moves the focus to a card before or after this one; where there is none it stays. */
function focusCard(from: HTMLElement, step: 1 | -1): void {
  const cards = [...document.querySelectorAll<HTMLElement>('[data-answer-card]')];
  cards[cards.indexOf(from) + step]?.focus();
}
