/**
 * The fields of DTS's answers that are dropped on purpose, each kind with its reason. A pattern is matched against the
 * dotted path of a field; what lies below a dropped field is dropped with it.
 */
export const DROPPED: readonly { readonly fields: RegExp; readonly because: string }[] = [
  {
    fields: /Info\.(Password|TmpSecretId|TmpSecretKey|TmpToken)$/,
    because: 'secrets, in clear: they get no further than this boundary',
  },
  {
    fields: /Info\.(Account|AccountRole|AccountMode)$|Info\.CcnOwnerUin$/,
    because: 'whose cloud account an instance is: nothing here acts on it',
  },
  {
    fields: /Info\.(UniqVpnGwId|UniqDcgId|CcnGwId|VpcId|SubnetId|EncryptConn|SetId|Role|DbKernel|EngineVersion)$/,
    because: 'the way in the cloud; the server itself tells its version and kind',
  },
  {
    fields: /Info\.(NodeType|Supplier|ExtraAttr|DatabaseNetEnv|ConnectType)(\.|$)/,
    because: 'how the task was set up; the nodes are in Info',
  },
  { fields: /(^|\.)Action\.AllAction$/, because: 'what tasks may ever allow: only what this one allows now counts' },
  { fields: /StepInfo\.(StepAll|StepNow)$|StepInfo\.StepNo$/, because: 'the steps come in their order' },
  { fields: /StepInfo\.(StartTime|FinishTime|Warnings)(\.|$)/, because: 'a gate looks at the state of a step only' },
  { fields: /HelpDoc$|ErrorInfo\.Code$/, because: 'the message and the advice say it' },
  { fields: /(^|\.)CompareTask(\.|$)/, because: "DTS's comparisons are read by DescribeCompareTasks, all of them" },
  {
    fields: /(^|\.)(Tags|RunMode|ExpectRunTime|AutoRetryTimeRangeMinutes|DumperResumeCtrl)(\.|$)/,
    because: 'of no use here',
  },
  { fields: /(^|\.)(CheckStepInfo|RateLimitOption)(\.|$)/, because: 'the time before the task began, and its speed' },
  { fields: /MigrateOption\.(Consistency|ExtraAttr|MigrateWay|RateLimit)(\.|$)/, because: 'how the task was set up' },
  {
    fields: /(Views\.NewViewName|Roles\.NewRoleName)$/,
    because: 'views and roles are looked for under their own names; a renamed one is told as missing',
  },
  { fields: /TradeInfo\.(?!TradeStatus)/, because: 'only what billing forbids counts' },
  { fields: /^RequestId$/, because: 'read for the log before the answer is' },
  { fields: /^Items\.JobId$/, because: 'asked for by the id of the task' },
  {
    fields: /^(Items\.Config|Items\.Options|Abstract\.Options|Abstract\.Objects)(\.|$)/,
    because: 'what was asked for is known to who asked; the conclusion and the skipped tables say what came of it',
  },
  { fields: /^Items\.(CheckProcess|CompareProcess\.(?!Percent))/, because: 'the percentage tells how far it is' },
  {
    fields: /^Abstract\.(NearlyTableCount|SrcSampleRows|DstSampleRows)$/,
    because: 'counts of samples prove nothing',
  },
  {
    fields:
      /Items\.(CostTime|FinishedAt|StartedAt|ExpectedAt|CreatedAt|UpdatedAt|SrcChunk|DstChunk|ObjectType|Status|Progress|RowCount)$/,
    because: 'when and how a single difference was found',
  },
  { fields: /^(Type|Detail\.DiffSrcTables|Detail\.CompareTimestamp)$/, because: 'of the GTID report: its sets tell' },
];
