/// The words of PromQL that mean something (Prometheus 2.42 to 3).
enum PromQLWords {
  static let aggregations: Set<String> = [
    "avg", "bottomk", "count", "count_values", "group", "limit_ratio", "limitk", "max", "min",
    "quantile", "stddev", "stdvar", "sum", "topk",
  ]

  static let operators: Set<String> = [
    "+", "-", "*", "/", "%", "^", "==", "!=", "<", "<=", ">", ">=",
  ]
  static let setOperators: Set<String> = ["and", "or", "unless", "atan2"]

  /// What can't be told from a selector by its name alone.
  static let reserved: Set<String> = aggregations.union(setOperators).union([
    "bool", "by", "end", "group_left", "group_right", "ignoring", "inf", "nan", "offset", "on",
    "start", "without",
  ])

  /// How the names of metrics begin that others tell than applications.
  static let sources: [(prefix: String, source: PrometheusLabels.Source)] = [
    ("container_", .containers), ("kubelet_", .containers), ("kube_", .state),
    ("nginx_ingress_controller_", .ingress),
  ]

  /// Who tells a metric, by its name.
  static func source(of metric: String) -> PrometheusLabels.Source {
    sources.first { metric.hasPrefix($0.prefix) }?.source ?? .application
  }

  /// Functions, by name. Not among them is `info`, which reads series that no
  /// selector of the expression names.
  static let functions: Set<String> = [
    "abs", "absent", "absent_over_time", "acos", "acosh", "asin", "asinh", "atan", "atanh",
    "avg_over_time", "ceil", "changes", "clamp", "clamp_max", "clamp_min", "cos", "cosh",
    "count_over_time", "day_of_month", "day_of_week", "day_of_year", "days_in_month", "deg",
    "delta", "deriv", "double_exponential_smoothing", "exp", "first_over_time", "floor",
    "histogram_avg", "histogram_count", "histogram_fraction", "histogram_quantile",
    "histogram_stddev", "histogram_stdvar", "histogram_sum", "holt_winters", "hour", "idelta",
    "increase", "irate", "label_join", "label_replace", "last_over_time", "ln", "log10", "log2",
    "mad_over_time", "max_over_time", "min_over_time", "minute", "month", "pi", "predict_linear",
    "present_over_time", "quantile_over_time", "rad", "rate", "resets", "round", "scalar", "sgn",
    "sin", "sinh", "sort", "sort_by_label", "sort_by_label_desc", "sort_desc", "sqrt",
    "stddev_over_time", "stdvar_over_time", "sum_over_time", "tan", "tanh", "time", "timestamp",
    "ts_of_first_over_time", "ts_of_last_over_time", "ts_of_max_over_time", "ts_of_min_over_time",
    "vector", "year",
  ]
}
