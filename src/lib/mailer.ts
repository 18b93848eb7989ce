import type { Transporter } from "nodemailer";

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
  const options = { url: smtpUrl, pool: true, maxConnections: 2, disableFileAccess: true, disableUrlAccess: true, ...times } as const;
  // Most servers send their first mail long after they began, or none.
  let transport: Promise<Transporter> | undefined;
  return {
    async send({ to, subject, text }) {
      try {
        transport ??= import("nodemailer").then(({ createTransport }) => createTransport(options));
        const opened = await transport;
        // An address object is taken as one address, whatever characters are in it.
        await opened.sendMail({ from, to: { name: "", address: to }, subject, text });
        return true;
      } catch (error) {
        onFailure?.(error);
        return false;
      }
    },
    close() {
      void transport?.then((opened) => opened.close());
    },
  };
}
