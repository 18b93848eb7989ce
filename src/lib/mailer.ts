import { createTransport } from "nodemailer";

export interface MailerOptions {
  /** `smtp://` or `smtps://` URL; without it nothing is sent. */
  readonly smtpUrl: string | undefined;
  /** Address that mails come from. */
  readonly from: string | undefined;
  /** Hears of each mail that the SMTP server did not take. */
  readonly onFailure?: (error: unknown) => void;
}

export interface Mailer {
  /** Whether the SMTP server took it. Never rejects. */
  send(mail: { readonly to: string; readonly subject: string; readonly text: string }): Promise<boolean>;
  close(): void;
}

const TIMEOUT_MS = 10_000;

/** Sends plain text by SMTP. Upgrades to TLS when the server offers it. */
export function createMailer({ smtpUrl, from, onFailure }: MailerOptions): Mailer {
  if (smtpUrl === undefined || from === undefined) return { send: async () => false, close() {} };
  const times = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  // Nothing that a caller wrote is read from a file or fetched to be attached.
  const transport = createTransport({
    url: smtpUrl,
    pool: true,
    maxConnections: 2,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...times,
  });
  return {
    async send({ to, subject, text }) {
      try {
        // An address object is taken as one address, whatever characters are in it.
        await transport.sendMail({ from, to: { name: "", address: to }, subject, text });
        return true;
      } catch (error) {
        onFailure?.(error);
        return false;
      }
    },
    close: () => transport.close(),
  };
}
