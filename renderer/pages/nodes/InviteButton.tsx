import { Button, Code, CopyButton, Group, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { relative } from '../../../shared/explain/format.ts';
import type { InvitationView } from '../../../shared/model/meshApi.ts';
import { useApi } from '../../api/context.tsx';
import { Trouble } from '../../parts/Trouble.tsx';
import { useNow } from '../../parts/useNow.ts';
import { QrCode } from './QrCode.tsx';

/** Makes a line that lets one machine in, and shows it in every way in which it can be taken there. */
export function InviteButton() {
  const api = useApi();
  const [isOpen, { open, close }] = useDisclosure();
  const invite = useMutation({
    mutationFn: () => api.send<InvitationView>('POST', '/v1/mesh/invitations'),
  });
  return (
    <>
      <Button
        size="xs"
        leftSection={<IconPlus size={14} aria-hidden />}
        loading={invite.isPending}
        onClick={() => {
          invite.mutate();
          open();
        }}
      >
        Invite a machine
      </Button>
      <Modal opened={isOpen} onClose={close} title="Invite a machine" size="lg">
        <Trouble error={invite.error} />
        {invite.data && <Invitation {...invite.data} />}
      </Modal>
    </>
  );
}

function Invitation({ line, untilMs }: InvitationView) {
  const nowMs = useNow();
  const command = `vigil join ${line}`;
  const isOver = untilMs <= nowMs;
  return (
    <Stack gap="sm">
      <Text size="sm">
        Run this on the other machine. Whoever has the line may use it, once
        {isOver
          ? '; it is no longer valid, so make another.'
          : `; it ends ${relative(untilMs, nowMs)}.`}
      </Text>
      <Code block tabIndex={0} aria-label="Line for the other machine">
        {command}
      </Code>
      <Group justify="space-between" align="flex-start">
        <CopyButton value={command}>
          {({ copied, copy }) => (
            <Button size="xs" variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy the line'}
            </Button>
          )}
        </CopyButton>
        <QrCode text={line} label="The invitation as a QR code" />
      </Group>
    </Stack>
  );
}
