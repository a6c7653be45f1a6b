/** The parts of the client `node-marketo-rest` that the tests use; the package has no types of its own. */
declare module 'node-marketo-rest' {
  interface Answer<Result> {
    success: boolean;
    result: Result[];
    nextPageToken?: string;
    /** Fetches the next page, where there is one. */
    nextPage?: () => Promise<Answer<Result>>;
  }
  interface LeadOutcome {
    id?: number;
    status: string;
  }
  type Options = Record<string, unknown>;
  type Lead = { id: number } & Record<string, unknown>;

  export default class Marketo {
    constructor(options: { endpoint: string; identity: string; clientId: string; clientSecret: string });
    lead: {
      byId(id: number, options?: Options): Promise<Answer<Lead>>;
      find(filterType: string, filterValues: string[], options?: Options): Promise<Answer<Lead>>;
      createOrUpdate(input: Options[], options?: Options): Promise<Answer<LeadOutcome>>;
      describe(): Promise<Answer<{ rest: { name: string } }>>;
      partitions(): Promise<Answer<{ name: string }>>;
      mergeLead(winner: number, losers: number[], options: Options): Promise<{ success: boolean }>;
      getPageToken(since: string): Promise<{ nextPageToken: string }>;
      getChanges(pageToken: string, options: Options): Promise<Answer<Options>>;
    };
    list: {
      find(options?: Options): Promise<Answer<{ id: number; name: string }>>;
      byId(id: number): Promise<Answer<{ id: number; name: string }>>;
      addLeadsToList(listId: number, input: number[]): Promise<Answer<LeadOutcome>>;
      removeLeadsFromList(listId: number, ids: number[]): Promise<Answer<LeadOutcome>>;
      getLeads(listId: number, options?: Options): Promise<Answer<Lead>>;
      isMember(listId: number, ids: number[]): Promise<Answer<LeadOutcome>>;
    };
    bulkLeadExtract: {
      create(
        fields: string[],
        filter: Options,
        options?: Options,
      ): Promise<Answer<{ exportId: string; status: string }>>;
      enqueue(exportId: string): Promise<Answer<{ status: string }>>;
      status(exportId: string): Promise<Answer<{ status: string; numberOfRecords: number }>>;
      cancel(exportId: string): Promise<Answer<{ status: string }>>;
      file(exportId: string): Promise<string>;
    };
  }
}
