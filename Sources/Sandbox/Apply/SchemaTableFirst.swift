extension SchemaTable {
  /// From `AWSElasticBlockStoreVolumeSource` to `NodeSelectorTerm`, drawn from the
  /// OpenAPI documents of Kubernetes 1.36. Notation: ``SchemaTable``.
  static let firstHalf = """
    AWSElasticBlockStoreVolumeSource fsType:s partition:i readOnly:b volumeID:s
    Affinity nodeAffinity:NodeAffinity podAffinity:PodAffinity podAntiAffinity:PodAntiAffinity
    AggregationRule clusterRoleSelectors:[LabelSelector]
    AppArmorProfile localhostProfile:s type:s
    AttachedVolume devicePath:s name:s
    AzureDiskVolumeSource cachingMode:s diskName:s diskURI:s fsType:s kind:s readOnly:b
    AzureFileVolumeSource readOnly:b secretName:s shareName:s
    CSIVolumeSource driver:s fsType:s nodePublishSecretRef:LocalObjectReference readOnly:b
      volumeAttributes:{s}
    Capabilities add:[s] drop:[s]
    CephFSVolumeSource monitors:[s] path:s readOnly:b secretFile:s
      secretRef:LocalObjectReference user:s
    CinderVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeID:s
    ClientIPConfig timeoutSeconds:i
    ClusterRole aggregationRule:AggregationRule apiVersion:s kind:s metadata:ObjectMeta
      rules:[PolicyRule]
    ClusterRoleBinding apiVersion:s kind:s metadata:ObjectMeta roleRef:RoleRef
      subjects:[Subject]
    ClusterTrustBundleProjection labelSelector:LabelSelector name:s optional:b path:s
      signerName:s
    Condition lastTransitionTime:s message:s observedGeneration:i reason:s status:s type:s
    ConfigMap apiVersion:s binaryData:{s} data:{s} immutable:b kind:s metadata:ObjectMeta
    ConfigMapEnvSource name:s optional:b
    ConfigMapKeySelector! key:s name:s optional:b
    ConfigMapNodeConfigSource kubeletConfigKey:s name:s namespace:s resourceVersion:s uid:s
    ConfigMapProjection items:[KeyToPath] name:s optional:b
    ConfigMapVolumeSource defaultMode:i items:[KeyToPath] name:s optional:b
    Container args:[s] command:[s] env:[EnvVar|map=name]^name envFrom:[EnvFromSource] image:s
      imagePullPolicy:s lifecycle:Lifecycle livenessProbe:Probe name:s
      ports:[ContainerPort|map=containerPort,protocol]^containerPort readinessProbe:Probe
      resizePolicy:[ContainerResizePolicy] resources:ResourceRequirements restartPolicy:s
      restartPolicyRules:[ContainerRestartRule] securityContext:SecurityContext
      startupProbe:Probe stdin:b stdinOnce:b terminationMessagePath:s terminationMessagePolicy:s
      tty:b volumeDevices:[VolumeDevice|map=devicePath]^devicePath
      volumeMounts:[VolumeMount|map=mountPath]^mountPath workingDir:s
    ContainerExtendedResourceRequest containerName:s requestName:s resourceName:s
    ContainerImage names:[s] sizeBytes:i
    ContainerPort containerPort:i hostIP:s hostPort:i name:s protocol:s
    ContainerResizePolicy resourceName:s restartPolicy:s
    ContainerResourceMetricSource container:s name:s target:MetricTarget
    ContainerResourceMetricStatus container:s current:MetricValueStatus name:s
    ContainerRestartRule action:s exitCodes:ContainerRestartRuleOnExitCodes
    ContainerRestartRuleOnExitCodes operator:s values:[i|set]
    ContainerState running:ContainerStateRunning terminated:ContainerStateTerminated
      waiting:ContainerStateWaiting
    ContainerStateRunning startedAt:s
    ContainerStateTerminated containerID:s exitCode:i finishedAt:s message:s reason:s signal:i
      startedAt:s
    ContainerStateWaiting message:s reason:s
    ContainerStatus allocatedResources:{q}
      allocatedResourcesStatus:[ResourceStatus|map=name]^name containerID:s image:s imageID:s
      lastState:ContainerState name:s ready:b resources:ResourceRequirements restartCount:i
      started:b state:ContainerState stopSignal:s user:ContainerUser
      volumeMounts:[VolumeMountStatus|map=mountPath]^mountPath
    ContainerUser linux:LinuxContainerUser
    CrossVersionObjectReference apiVersion:s kind:s name:s
    DaemonEndpoint Port:i
    Deployment apiVersion:s kind:s metadata:ObjectMeta spec:DeploymentSpec
      status:DeploymentStatus
    DeploymentCondition lastTransitionTime:s lastUpdateTime:s message:s reason:s status:s type:s
    DeploymentSpec minReadySeconds:i paused:b progressDeadlineSeconds:i replicas:i
      revisionHistoryLimit:i selector:LabelSelector strategy:DeploymentStrategy
      template:PodTemplateSpec
    DeploymentStatus availableReplicas:i collisionCount:i
      conditions:[DeploymentCondition|map=type]^type observedGeneration:i readyReplicas:i
      replicas:i terminatingReplicas:i unavailableReplicas:i updatedReplicas:i
    DeploymentStrategy rollingUpdate:RollingUpdateDeployment type:s
    DownwardAPIProjection items:[DownwardAPIVolumeFile]
    DownwardAPIVolumeFile fieldRef:ObjectFieldSelector mode:i path:s
      resourceFieldRef:ResourceFieldSelector
    DownwardAPIVolumeSource defaultMode:i items:[DownwardAPIVolumeFile]
    EmptyDirVolumeSource medium:s sizeLimit:q
    Endpoint addresses:[s|set] conditions:EndpointConditions deprecatedTopology:{s} hints:any
      hostname:s nodeName:s targetRef:ObjectReference zone:s
    EndpointConditions ready:b serving:b terminating:b
    EndpointPort! appProtocol:s name:s port:i protocol:s
    EndpointSlice addressType:s apiVersion:s endpoints:[Endpoint] kind:s metadata:ObjectMeta
      ports:[EndpointPort]
    EnvFromSource configMapRef:ConfigMapEnvSource prefix:s secretRef:SecretEnvSource
    EnvVar name:s value:s valueFrom:EnvVarSource
    EnvVarSource configMapKeyRef:ConfigMapKeySelector fieldRef:ObjectFieldSelector
      fileKeyRef:FileKeySelector resourceFieldRef:ResourceFieldSelector
      secretKeyRef:SecretKeySelector
    EphemeralContainer args:[s] command:[s] env:[EnvVar|map=name]^name envFrom:[EnvFromSource]
      image:s imagePullPolicy:s lifecycle:Lifecycle livenessProbe:Probe name:s
      ports:[ContainerPort|map=containerPort,protocol]^containerPort readinessProbe:Probe
      resizePolicy:[ContainerResizePolicy] resources:ResourceRequirements restartPolicy:s
      restartPolicyRules:[ContainerRestartRule] securityContext:SecurityContext
      startupProbe:Probe stdin:b stdinOnce:b targetContainerName:s terminationMessagePath:s
      terminationMessagePolicy:s tty:b volumeDevices:[VolumeDevice|map=devicePath]^devicePath
      volumeMounts:[VolumeMount|map=mountPath]^mountPath workingDir:s
    EphemeralVolumeSource volumeClaimTemplate:PersistentVolumeClaimTemplate
    Event action:s apiVersion:s count:i eventTime:s firstTimestamp:s
      involvedObject:ObjectReference kind:s lastTimestamp:s message:s metadata:ObjectMeta
      reason:s related:ObjectReference reportingComponent:s reportingInstance:s
      series:EventSeries source:EventSource type:s
    EventSeries count:i lastObservedTime:s
    EventSource component:s host:s
    ExecAction command:[s]
    ExternalMetricSource metric:MetricIdentifier target:MetricTarget
    ExternalMetricStatus current:MetricValueStatus metric:MetricIdentifier
    FCVolumeSource fsType:s lun:i readOnly:b targetWWNs:[s] wwids:[s]
    FileKeySelector! key:s optional:b path:s volumeName:s
    FlexVolumeSource driver:s fsType:s options:{s} readOnly:b secretRef:LocalObjectReference
    FlockerVolumeSource datasetName:s datasetUUID:s
    GCEPersistentDiskVolumeSource fsType:s partition:i pdName:s readOnly:b
    GRPCAction port:i service:s
    GitRepoVolumeSource directory:s repository:s revision:s
    GlusterfsVolumeSource endpoints:s path:s readOnly:b
    HPAScalingPolicy periodSeconds:i type:s value:i
    HPAScalingRules policies:[HPAScalingPolicy] selectPolicy:s stabilizationWindowSeconds:i
      tolerance:q
    HTTPGetAction host:s httpHeaders:[HTTPHeader] path:s port:x scheme:s
    HTTPHeader name:s value:s
    HTTPIngressPath backend:IngressBackend path:s pathType:s
    HTTPIngressRuleValue paths:[HTTPIngressPath]
    HorizontalPodAutoscaler apiVersion:s kind:s metadata:ObjectMeta
      spec:HorizontalPodAutoscalerSpec status:HorizontalPodAutoscalerStatus
    HorizontalPodAutoscalerBehavior scaleDown:HPAScalingRules scaleUp:HPAScalingRules
    HorizontalPodAutoscalerCondition lastTransitionTime:s message:s reason:s status:s type:s
    HorizontalPodAutoscalerSpec behavior:HorizontalPodAutoscalerBehavior maxReplicas:i
      metrics:[MetricSpec] minReplicas:i scaleTargetRef:CrossVersionObjectReference
    HorizontalPodAutoscalerStatus conditions:[HorizontalPodAutoscalerCondition|map=type]^type
      currentMetrics:[MetricStatus] currentReplicas:i desiredReplicas:i lastScaleTime:s
      observedGeneration:i
    HostAlias hostnames:[s] ip:s
    HostIP ip:s
    HostPathVolumeSource path:s type:s
    IPBlock cidr:s except:[s]
    ISCSIVolumeSource chapAuthDiscovery:b chapAuthSession:b fsType:s initiatorName:s iqn:s
      iscsiInterface:s lun:i portals:[s] readOnly:b secretRef:LocalObjectReference
      targetPortal:s
    ImageVolumeSource pullPolicy:s reference:s
    ImageVolumeStatus imageRef:s
    Ingress apiVersion:s kind:s metadata:ObjectMeta spec:IngressSpec status:IngressStatus
    IngressBackend resource:TypedLocalObjectReference service:IngressServiceBackend
    IngressLoadBalancerIngress hostname:s ip:s ports:[IngressPortStatus]
    IngressLoadBalancerStatus ingress:[IngressLoadBalancerIngress]
    IngressPortStatus error:s port:i protocol:s
    IngressRule host:s http:HTTPIngressRuleValue
    IngressServiceBackend name:s port:ServiceBackendPort
    IngressSpec defaultBackend:IngressBackend ingressClassName:s rules:[IngressRule]
      tls:[IngressTLS]
    IngressStatus loadBalancer:IngressLoadBalancerStatus
    IngressTLS hosts:[s] secretName:s
    KeyToPath key:s mode:i path:s
    LabelSelector! matchExpressions:[LabelSelectorRequirement] matchLabels:{s}
    LabelSelectorRequirement key:s operator:s values:[s]
    Lease apiVersion:s kind:s metadata:ObjectMeta spec:LeaseSpec
    LeaseSpec acquireTime:s holderIdentity:s leaseDurationSeconds:i leaseTransitions:i
      preferredHolder:s renewTime:s strategy:s
    Lifecycle postStart:LifecycleHandler preStop:LifecycleHandler stopSignal:s
    LifecycleHandler exec:ExecAction httpGet:HTTPGetAction sleep:SleepAction
      tcpSocket:TCPSocketAction
    LimitRange apiVersion:s kind:s metadata:ObjectMeta spec:LimitRangeSpec
    LimitRangeItem default:{q} defaultRequest:{q} max:{q} maxLimitRequestRatio:{q} min:{q}
      type:s
    LimitRangeSpec limits:[LimitRangeItem]
    LinuxContainerUser gid:i supplementalGroups:[i] uid:i
    LoadBalancerIngress hostname:s ip:s ipMode:s ports:[PortStatus]
    LoadBalancerStatus ingress:[LoadBalancerIngress]
    LocalObjectReference! name:s
    ManagedFieldsEntry apiVersion:s fieldsType:s fieldsV1:any manager:s operation:s
      subresource:s time:s
    MetricIdentifier name:s selector:LabelSelector
    MetricSpec containerResource:ContainerResourceMetricSource external:ExternalMetricSource
      object:ObjectMetricSource pods:PodsMetricSource resource:ResourceMetricSource type:s
    MetricStatus containerResource:ContainerResourceMetricStatus external:ExternalMetricStatus
      object:ObjectMetricStatus pods:PodsMetricStatus resource:ResourceMetricStatus type:s
    MetricTarget averageUtilization:i averageValue:q type:s value:q
    MetricValueStatus averageUtilization:i averageValue:q value:q
    ModifyVolumeStatus status:s targetVolumeAttributesClassName:s
    NFSVolumeSource path:s readOnly:b server:s
    Namespace apiVersion:s kind:s metadata:ObjectMeta spec:NamespaceSpec status:NamespaceStatus
    NamespaceCondition lastTransitionTime:s message:s reason:s status:s type:s
    NamespaceSpec finalizers:[s]
    NamespaceStatus conditions:[NamespaceCondition|map=type]^type phase:s
    NetworkPolicy apiVersion:s kind:s metadata:ObjectMeta spec:NetworkPolicySpec
    NetworkPolicyEgressRule ports:[NetworkPolicyPort] to:[NetworkPolicyPeer]
    NetworkPolicyIngressRule from:[NetworkPolicyPeer] ports:[NetworkPolicyPort]
    NetworkPolicyPeer ipBlock:IPBlock namespaceSelector:LabelSelector podSelector:LabelSelector
    NetworkPolicyPort endPort:i port:x protocol:s
    NetworkPolicySpec egress:[NetworkPolicyEgressRule] ingress:[NetworkPolicyIngressRule]
      podSelector:LabelSelector policyTypes:[s]
    Node apiVersion:s kind:s metadata:ObjectMeta spec:NodeSpec status:NodeStatus
    NodeAddress address:s type:s
    NodeAffinity preferredDuringSchedulingIgnoredDuringExecution:[PreferredSchedulingTerm]
      requiredDuringSchedulingIgnoredDuringExecution:NodeSelector
    NodeAllocatableResourceClaimStatus containers:[s|set] resourceClaimName:s resources:{q}
    NodeCondition lastHeartbeatTime:s lastTransitionTime:s message:s reason:s status:s type:s
    NodeConfigSource configMap:ConfigMapNodeConfigSource
    NodeConfigStatus active:NodeConfigSource assigned:NodeConfigSource error:s
      lastKnownGood:NodeConfigSource
    NodeDaemonEndpoints kubeletEndpoint:DaemonEndpoint
    NodeFeatures supplementalGroupsPolicy:b
    NodeRuntimeHandler features:NodeRuntimeHandlerFeatures name:s
    NodeRuntimeHandlerFeatures recursiveReadOnlyMounts:b userNamespaces:b
    NodeSelector! nodeSelectorTerms:[NodeSelectorTerm]
    NodeSelectorRequirement key:s operator:s values:[s]
    NodeSelectorTerm! matchExpressions:[NodeSelectorRequirement]
      matchFields:[NodeSelectorRequirement]
    """
}
