extension SchemaTable {
  /// From `NodeSpec` to `WindowsSecurityContextOptions`, drawn from the
  /// OpenAPI documents of Kubernetes 1.36. Notation: ``SchemaTable``.
  static let secondHalf = """
    NodeSpec configSource:NodeConfigSource externalID:s podCIDR:s podCIDRs:[s|set]^ providerID:s
      taints:[Taint] unschedulable:b
    NodeStatus addresses:[NodeAddress|map=type]^type allocatable:{q} capacity:{q}
      conditions:[NodeCondition|map=type]^type config:NodeConfigStatus
      daemonEndpoints:NodeDaemonEndpoints declaredFeatures:[s] features:NodeFeatures
      images:[ContainerImage] nodeInfo:NodeSystemInfo phase:s
      runtimeHandlers:[NodeRuntimeHandler] volumesAttached:[AttachedVolume] volumesInUse:[s]
    NodeSwapStatus capacity:i
    NodeSystemInfo architecture:s bootID:s containerRuntimeVersion:s kernelVersion:s
      kubeProxyVersion:s kubeletVersion:s machineID:s operatingSystem:s osImage:s
      swap:NodeSwapStatus systemUUID:s
    ObjectFieldSelector! apiVersion:s fieldPath:s
    ObjectMeta annotations:{s} creationTimestamp:s deletionGracePeriodSeconds:i
      deletionTimestamp:s finalizers:[s|set]^ generateName:s generation:i labels:{s}
      managedFields:[ManagedFieldsEntry] name:s namespace:s
      ownerReferences:[OwnerReference|map=uid]^uid resourceVersion:s selfLink:s uid:s
    ObjectMetricSource describedObject:CrossVersionObjectReference metric:MetricIdentifier
      target:MetricTarget
    ObjectMetricStatus current:MetricValueStatus describedObject:CrossVersionObjectReference
      metric:MetricIdentifier
    ObjectReference! apiVersion:s fieldPath:s kind:s name:s namespace:s resourceVersion:s uid:s
    OwnerReference! apiVersion:s blockOwnerDeletion:b controller:b kind:s name:s uid:s
    PersistentVolume apiVersion:s kind:s metadata:ObjectMeta spec:PersistentVolumeSpec
      status:PersistentVolumeStatus
    PersistentVolumeClaim apiVersion:s kind:s metadata:ObjectMeta spec:PersistentVolumeClaimSpec
      status:PersistentVolumeClaimStatus
    PersistentVolumeClaimCondition lastProbeTime:s lastTransitionTime:s message:s reason:s
      status:s type:s
    PersistentVolumeClaimSpec accessModes:[s] dataSource:TypedLocalObjectReference
      dataSourceRef:TypedObjectReference resources:VolumeResourceRequirements
      selector:LabelSelector storageClassName:s volumeAttributesClassName:s volumeMode:s
      volumeName:s
    PersistentVolumeClaimStatus accessModes:[s] allocatedResourceStatuses:{s}
      allocatedResources:{q} capacity:{q}
      conditions:[PersistentVolumeClaimCondition|map=type]^type
      currentVolumeAttributesClassName:s modifyVolumeStatus:ModifyVolumeStatus phase:s
    PersistentVolumeClaimTemplate metadata:ObjectMeta spec:PersistentVolumeClaimSpec
    PersistentVolumeClaimVolumeSource claimName:s readOnly:b
    PersistentVolumeSpec accessModes:[s] capacity:{q} claimRef:ObjectReference mountOptions:[s]
      persistentVolumeReclaimPolicy:s storageClassName:s volumeAttributesClassName:s volumeMode:s
    PersistentVolumeStatus lastPhaseTransitionTime:s message:s phase:s reason:s
    PhotonPersistentDiskVolumeSource fsType:s pdID:s
    Pod apiVersion:s kind:s metadata:ObjectMeta spec:PodSpec status:PodStatus
    PodAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
      requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
    PodAffinityTerm labelSelector:LabelSelector matchLabelKeys:[s] mismatchLabelKeys:[s]
      namespaceSelector:LabelSelector namespaces:[s] topologyKey:s
    PodAntiAffinity preferredDuringSchedulingIgnoredDuringExecution:[WeightedPodAffinityTerm]
      requiredDuringSchedulingIgnoredDuringExecution:[PodAffinityTerm]
    PodCertificateProjection certificateChainPath:s credentialBundlePath:s keyPath:s keyType:s
      maxExpirationSeconds:i signerName:s userAnnotations:{s}
    PodCondition lastProbeTime:s lastTransitionTime:s message:s observedGeneration:i reason:s
      status:s type:s
    PodDNSConfig nameservers:[s] options:[PodDNSConfigOption] searches:[s]
    PodDNSConfigOption name:s value:s
    PodDisruptionBudget apiVersion:s kind:s metadata:ObjectMeta spec:PodDisruptionBudgetSpec
      status:PodDisruptionBudgetStatus
    PodDisruptionBudgetSpec maxUnavailable:x minAvailable:x selector:LabelSelector
      unhealthyPodEvictionPolicy:s
    PodDisruptionBudgetStatus conditions:[Condition|map=type]^type currentHealthy:i
      desiredHealthy:i disruptedPods:{s} disruptionsAllowed:i expectedPods:i
      observedGeneration:i
    PodExtendedResourceClaimStatus requestMappings:[ContainerExtendedResourceRequest]
      resourceClaimName:s
    PodIP ip:s
    PodOS name:s
    PodReadinessGate conditionType:s
    PodResourceClaim name:s resourceClaimName:s resourceClaimTemplateName:s
    PodResourceClaimStatus name:s resourceClaimName:s
    PodSchedulingGate name:s
    PodSchedulingGroup podGroupName:s
    PodSecurityContext appArmorProfile:AppArmorProfile fsGroup:i fsGroupChangePolicy:s
      runAsGroup:i runAsNonRoot:b runAsUser:i seLinuxChangePolicy:s
      seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile supplementalGroups:[i]
      supplementalGroupsPolicy:s sysctls:[Sysctl] windowsOptions:WindowsSecurityContextOptions
    PodSpec activeDeadlineSeconds:i affinity:Affinity automountServiceAccountToken:b
      containers:[Container|map=name]^name dnsConfig:PodDNSConfig dnsPolicy:s
      enableServiceLinks:b ephemeralContainers:[EphemeralContainer|map=name]^name
      hostAliases:[HostAlias|map=ip]^ip hostIPC:b hostNetwork:b hostPID:b hostUsers:b hostname:s
      hostnameOverride:s imagePullSecrets:[LocalObjectReference|map=name]^name
      initContainers:[Container|map=name]^name nodeName:s nodeSelector:{s}! os:PodOS
      overhead:{q} preemptionPolicy:s priority:i priorityClassName:s
      readinessGates:[PodReadinessGate] resourceClaims:[PodResourceClaim|map=name]^name
      resources:ResourceRequirements restartPolicy:s runtimeClassName:s schedulerName:s
      schedulingGates:[PodSchedulingGate|map=name]^name schedulingGroup:PodSchedulingGroup
      securityContext:PodSecurityContext serviceAccount:s serviceAccountName:s
      setHostnameAsFQDN:b shareProcessNamespace:b subdomain:s terminationGracePeriodSeconds:i
      tolerations:[Toleration]
      topologySpreadConstraints:[TopologySpreadConstraint|map=topologyKey,whenUnsatisfiable]^topologyKey
      volumes:[Volume|map=name]^name
    PodStatus allocatedResources:{q} conditions:[PodCondition|map=type]^type
      containerStatuses:[ContainerStatus] ephemeralContainerStatuses:[ContainerStatus]
      extendedResourceClaimStatus:PodExtendedResourceClaimStatus hostIP:s hostIPs:[HostIP]^ip
      initContainerStatuses:[ContainerStatus] message:s
      nodeAllocatableResourceClaimStatuses:[NodeAllocatableResourceClaimStatus]
      nominatedNodeName:s observedGeneration:i phase:s podIP:s podIPs:[PodIP|map=ip]^ip
      qosClass:s reason:s resize:s resourceClaimStatuses:[PodResourceClaimStatus|map=name]^name
      resources:ResourceRequirements startTime:s
    PodTemplateSpec metadata:ObjectMeta spec:PodSpec
    PodsMetricSource metric:MetricIdentifier target:MetricTarget
    PodsMetricStatus current:MetricValueStatus metric:MetricIdentifier
    PolicyRule apiGroups:[s] nonResourceURLs:[s] resourceNames:[s] resources:[s] verbs:[s]
    PortStatus error:s port:i protocol:s
    PortworxVolumeSource fsType:s readOnly:b volumeID:s
    PreferredSchedulingTerm preference:NodeSelectorTerm weight:i
    Probe exec:ExecAction failureThreshold:i grpc:GRPCAction httpGet:HTTPGetAction
      initialDelaySeconds:i periodSeconds:i successThreshold:i tcpSocket:TCPSocketAction
      terminationGracePeriodSeconds:i timeoutSeconds:i
    ProjectedVolumeSource defaultMode:i sources:[VolumeProjection]
    QuobyteVolumeSource group:s readOnly:b registry:s tenant:s user:s volume:s
    RBDVolumeSource fsType:s image:s keyring:s monitors:[s] pool:s readOnly:b
      secretRef:LocalObjectReference user:s
    ReplicaSet apiVersion:s kind:s metadata:ObjectMeta spec:ReplicaSetSpec
      status:ReplicaSetStatus
    ReplicaSetCondition lastTransitionTime:s message:s reason:s status:s type:s
    ReplicaSetSpec minReadySeconds:i replicas:i selector:LabelSelector template:PodTemplateSpec
    ReplicaSetStatus availableReplicas:i conditions:[ReplicaSetCondition|map=type]^type
      fullyLabeledReplicas:i observedGeneration:i readyReplicas:i replicas:i
      terminatingReplicas:i
    ResourceClaim name:s request:s
    ResourceFieldSelector! containerName:s divisor:q resource:s
    ResourceHealth health:s message:s resourceID:s
    ResourceMetricSource name:s target:MetricTarget
    ResourceMetricStatus current:MetricValueStatus name:s
    ResourceQuota apiVersion:s kind:s metadata:ObjectMeta spec:ResourceQuotaSpec
      status:ResourceQuotaStatus
    ResourceQuotaSpec hard:{q} scopeSelector:ScopeSelector scopes:[s]
    ResourceQuotaStatus hard:{q} used:{q}
    ResourceRequirements claims:[ResourceClaim|map=name] limits:{q} requests:{q}
    ResourceStatus name:s resources:[ResourceHealth|map=resourceID]
    Role apiVersion:s kind:s metadata:ObjectMeta rules:[PolicyRule]
    RoleBinding apiVersion:s kind:s metadata:ObjectMeta roleRef:RoleRef subjects:[Subject]
    RoleRef! apiGroup:s kind:s name:s
    RollingUpdateDeployment maxSurge:x maxUnavailable:x
    SELinuxOptions level:s role:s type:s user:s
    ScaleIOVolumeSource fsType:s gateway:s protectionDomain:s readOnly:b
      secretRef:LocalObjectReference sslEnabled:b storageMode:s storagePool:s system:s
      volumeName:s
    ScopeSelector! matchExpressions:[ScopedResourceSelectorRequirement]
    ScopedResourceSelectorRequirement operator:s scopeName:s values:[s]
    SeccompProfile localhostProfile:s type:s
    Secret apiVersion:s data:{s} immutable:b kind:s metadata:ObjectMeta stringData:{s} type:s
    SecretEnvSource name:s optional:b
    SecretKeySelector! key:s name:s optional:b
    SecretProjection items:[KeyToPath] name:s optional:b
    SecretVolumeSource defaultMode:i items:[KeyToPath] optional:b secretName:s
    SecurityContext allowPrivilegeEscalation:b appArmorProfile:AppArmorProfile
      capabilities:Capabilities privileged:b procMount:s readOnlyRootFilesystem:b runAsGroup:i
      runAsNonRoot:b runAsUser:i seLinuxOptions:SELinuxOptions seccompProfile:SeccompProfile
      windowsOptions:WindowsSecurityContextOptions
    Service apiVersion:s kind:s metadata:ObjectMeta spec:ServiceSpec status:ServiceStatus
    ServiceAccount apiVersion:s automountServiceAccountToken:b
      imagePullSecrets:[LocalObjectReference] kind:s metadata:ObjectMeta
      secrets:[ObjectReference|map=name]^name
    ServiceAccountTokenProjection audience:s expirationSeconds:i path:s
    ServiceBackendPort! name:s number:i
    ServicePort appProtocol:s name:s nodePort:i port:i protocol:s targetPort:x
    ServiceSpec allocateLoadBalancerNodePorts:b clusterIP:s clusterIPs:[s] externalIPs:[s]
      externalName:s externalTrafficPolicy:s healthCheckNodePort:i internalTrafficPolicy:s
      ipFamilies:[s] ipFamilyPolicy:s loadBalancerClass:s loadBalancerIP:s
      loadBalancerSourceRanges:[s] ports:[ServicePort|map=port,protocol]^port
      publishNotReadyAddresses:b selector:{s}! sessionAffinity:s
      sessionAffinityConfig:SessionAffinityConfig trafficDistribution:s type:s
    ServiceStatus conditions:[Condition|map=type]^type loadBalancer:LoadBalancerStatus
    SessionAffinityConfig clientIP:ClientIPConfig
    SleepAction seconds:i
    StorageOSVolumeSource fsType:s readOnly:b secretRef:LocalObjectReference volumeName:s
      volumeNamespace:s
    Subject! apiGroup:s kind:s name:s namespace:s
    Sysctl name:s value:s
    TCPSocketAction host:s port:x
    Taint effect:s key:s timeAdded:s value:s
    Toleration effect:s key:s operator:s tolerationSeconds:i value:s
    TopologySpreadConstraint labelSelector:LabelSelector matchLabelKeys:[s] maxSkew:i
      minDomains:i nodeAffinityPolicy:s nodeTaintsPolicy:s topologyKey:s whenUnsatisfiable:s
    TypedLocalObjectReference! apiGroup:s kind:s name:s
    TypedObjectReference apiGroup:s kind:s name:s namespace:s
    Volume awsElasticBlockStore:AWSElasticBlockStoreVolumeSource azureDisk:AzureDiskVolumeSource
      azureFile:AzureFileVolumeSource cephfs:CephFSVolumeSource cinder:CinderVolumeSource
      configMap:ConfigMapVolumeSource csi:CSIVolumeSource downwardAPI:DownwardAPIVolumeSource
      emptyDir:EmptyDirVolumeSource ephemeral:EphemeralVolumeSource fc:FCVolumeSource
      flexVolume:FlexVolumeSource flocker:FlockerVolumeSource
      gcePersistentDisk:GCEPersistentDiskVolumeSource gitRepo:GitRepoVolumeSource
      glusterfs:GlusterfsVolumeSource hostPath:HostPathVolumeSource image:ImageVolumeSource
      iscsi:ISCSIVolumeSource name:s nfs:NFSVolumeSource
      persistentVolumeClaim:PersistentVolumeClaimVolumeSource
      photonPersistentDisk:PhotonPersistentDiskVolumeSource portworxVolume:PortworxVolumeSource
      projected:ProjectedVolumeSource quobyte:QuobyteVolumeSource rbd:RBDVolumeSource
      scaleIO:ScaleIOVolumeSource secret:SecretVolumeSource storageos:StorageOSVolumeSource
      vsphereVolume:VsphereVirtualDiskVolumeSource
    VolumeDevice devicePath:s name:s
    VolumeMount mountPath:s mountPropagation:s name:s readOnly:b recursiveReadOnly:s subPath:s
      subPathExpr:s
    VolumeMountStatus mountPath:s name:s readOnly:b recursiveReadOnly:s
      volumeStatus:VolumeStatus
    VolumeProjection clusterTrustBundle:ClusterTrustBundleProjection
      configMap:ConfigMapProjection downwardAPI:DownwardAPIProjection
      podCertificate:PodCertificateProjection secret:SecretProjection
      serviceAccountToken:ServiceAccountTokenProjection
    VolumeResourceRequirements limits:{q} requests:{q}
    VolumeStatus image:ImageVolumeStatus
    VsphereVirtualDiskVolumeSource fsType:s storagePolicyID:s storagePolicyName:s volumePath:s
    WeightedPodAffinityTerm podAffinityTerm:PodAffinityTerm weight:i
    WindowsSecurityContextOptions gmsaCredentialSpec:s gmsaCredentialSpecName:s hostProcess:b
      runAsUserName:s
    """
}
