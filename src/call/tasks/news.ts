/** What has become of a task: its id, and the whole of it as `tasks/get` would tell. */
export interface TaskNews {
  readonly taskId: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Carries changes of tasks that run in this process to the open subscriptions of this process. */
export interface News {
  /** `detail` is asked only when somebody listens. */
  publish(taskId: string, detail: () => TaskNews["detail"]): void;
  /** Returns the function that ends the subscription. */
  subscribe(taskIds: ReadonlySet<string>, listener: (news: TaskNews) => void): () => void;
}

export function createNews(): News {
  const subscriptions = new Set<{ readonly taskIds: ReadonlySet<string>; listener(news: TaskNews): void }>();
  return {
    publish(taskId, detail) {
      const concerned = [...subscriptions].filter(({ taskIds }) => taskIds.has(taskId));
      if (concerned.length === 0) return;
      const news = { taskId, detail: detail() };
      for (const { listener } of concerned) listener(news);
    },
    subscribe(taskIds, listener) {
      const subscription = { taskIds, listener };
      subscriptions.add(subscription);
      return () => subscriptions.delete(subscription);
    },
  };
}
